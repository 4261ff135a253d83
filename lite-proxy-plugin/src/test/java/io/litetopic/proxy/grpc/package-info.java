@NullMarked
package io.litetopic.proxy.grpc;

import org.jspecify.annotations.NullMarked;
