/** The engine alone, in virtual time: named cases, and random commands against a naive model. */
@NullMarked
package io.litetopic.proxy.engine;

import org.jspecify.annotations.NullMarked;
