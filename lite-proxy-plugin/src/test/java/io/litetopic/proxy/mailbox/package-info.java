@NullMarked
package io.litetopic.proxy.mailbox;

import org.jspecify.annotations.NullMarked;
