package io.litetopic.cli.demo.load;

/**
 * One customer of the gateway.
 *
 * @param index position in the profile's list of tenants, from 0
 * @param name what the message group or lite topic is called
 * @param flooding whether it sends many times its allowance
 */
public record Tenant(int index, String name, boolean flooding) {}
