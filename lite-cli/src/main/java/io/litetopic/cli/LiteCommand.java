package io.litetopic.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bin/lite} without a command: shows what there is. */
@Command(
        name = "lite",
        mixinStandardHelpOptions = true,
        versionProvider = Versions.class,
        description = "Lite topics on a stock RocketMQ cluster.",
        subcommands = {UpCommand.class, DemoCommand.class, BenchCommand.class, HelpCommand.class},
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:success", "1:failure", "2:wrong usage"})
final class LiteCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command: up, demo or bench");
    }
}
