package io.litetopic.proxy.clocktest;

import java.util.function.LongSupplier;

/** In a package of the plugin, so that the clock agent patches it; says the time for every line of standard input. */
public final class PrintsTheTime {
    private PrintsTheTime() {}

    public static void main(String[] args) throws Exception {
        LongSupplier reference = System::currentTimeMillis;
        System.out.println("ready");
        while (System.in.read() >= 0) {
            System.out.println(System.currentTimeMillis() + " " + reference.getAsLong());
        }
    }
}
