/**
 * The dispatcher of one consumer group as a state machine: commands in, effects out, time as an argument. No I/O, no threads, no
 * clock, no logging in here; whoever drives it does so from one thread. Read {@link io.litetopic.proxy.engine.GroupEngine} first,
 * then {@link io.litetopic.proxy.engine.EngineEffects}.
 */
@NullMarked
package io.litetopic.proxy.engine;

import org.jspecify.annotations.NullMarked;
