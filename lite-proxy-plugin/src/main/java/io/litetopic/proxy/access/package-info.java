/**
 * Who may do what, and how much of it: permissions on lite topics, the user behind each client id, limits per client. Knows no
 * protocol: users and clients are names that the caller has checked. Read
 * {@link io.litetopic.proxy.access.AccessControl} first.
 */
@NullMarked
package io.litetopic.proxy.access;

import org.jspecify.annotations.NullMarked;
