package io.litetopic.cli.bench.client;

import io.litetopic.cli.bench.measure.DeliveryLedger;
import io.litetopic.cli.bench.model.CaseResult;
import io.litetopic.cli.bench.model.CaseSpec;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Entry point of the load process: one order, one result. */
public final class LoadMain {
    private static final Logger log = LoggerFactory.getLogger(LoadMain.class);

    private LoadMain() {}

    public static void main(String[] args) throws InterruptedException {
        PrintStream out = System.out;
        System.setOut(System.err); // standard output is for the parent alone
        Parent parent =
                Parent.connect(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)), out);
        CaseSpec spec = parent.order();
        parent.result(run(spec, parent));
        Runtime.getRuntime().halt(0); // the official client's close waits for its long polls, and nothing is to be kept
    }

    private static CaseResult run(CaseSpec spec, Parent parent) {
        LoadRun run = new LoadRun(spec, parent, Scenarios.liteTopics(spec));
        String failure;
        try {
            Scenarios.of(spec.load()).run(run);
            run.addCommonFigures();
            failure = run.verdict(Scenarios.kills(spec));
        } catch (LoadFailure e) {
            failure = e.getMessage();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure = "interrupted";
        } catch (Exception e) {
            log.error("load failed load={} case={}", spec.load().key(), spec.caseName(), e);
            failure = e.toString();
        }
        DeliveryLedger.Totals totals = run.ledger().totals();
        return result(run, totals, failure);
    }

    private static CaseResult result(LoadRun run, DeliveryLedger.Totals totals, @Nullable String failure) {
        CaseSpec spec = run.spec();
        return new CaseResult(
                spec.load(),
                spec.caseName(),
                spec.contender(),
                spec.repetition(),
                run.figures(),
                run.latencies(),
                totals,
                failure);
    }
}
