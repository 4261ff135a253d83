/**
 * What is measured: loads and their cases, systems and clients, and what a load process is told and answers. Read
 * {@link io.litetopic.cli.bench.model.Load} first.
 */
@NullMarked
package io.litetopic.cli.bench.model;

import org.jspecify.annotations.NullMarked;
