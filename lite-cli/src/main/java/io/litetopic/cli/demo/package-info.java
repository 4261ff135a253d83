/**
 * The demo: an AI gateway in small, run with and without lite topics under the same load. Owns the order of the runs and
 * the gateway's worker; must not know how figures are drawn. Read {@link io.litetopic.cli.demo.Demo} first.
 */
@NullMarked
package io.litetopic.cli.demo;

import org.jspecify.annotations.NullMarked;
