package io.litetopic.lite.internal.consumer;

import io.litetopic.lite.LiteException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which proxies of the route know this client and answer. One that was lost may have been restarted, or take a client that
 * it does not hear from for dead, so all subscriptions are sent to it before it counts again: at once, and then again and
 * again. One that refuses is left alone for a moment.
 *
 * <p>Thread-safe.
 */
final class ProxyContacts {

    private static final Logger log = LoggerFactory.getLogger(ProxyContacts.class);

    // Contact that lasted longer than this did not break at once.
    private static final Duration CALM = Duration.ofSeconds(1);

    private final LoopTimer timer;
    private final Function<String, CompletableFuture<Void>> syncSubscriptions;
    private final Runnable onContact;
    private final RareLog rareLog;

    // guarded by this
    private final Map<String, Contact> byProxy = new LinkedHashMap<>();
    private int turn;
    private @Nullable Throwable lastFailure;
    private boolean closed;

    /**
     * @param syncSubscriptions sends all subscriptions to a proxy
     * @param onContact called when a proxy can be asked that could not before
     */
    ProxyContacts(LoopTimer timer, Function<String, CompletableFuture<Void>> syncSubscriptions, Runnable onContact) {
        this.timer = timer;
        this.syncSubscriptions = syncSubscriptions;
        this.onContact = onContact;
        this.rareLog = new RareLog(timer);
    }

    /** These proxies know this client. */
    synchronized void start(Set<String> proxies) {
        proxies.forEach(proxy -> byProxy.put(proxy, new Contact(proxy)));
    }

    synchronized void close() {
        closed = true;
        byProxy.clear();
    }

    /** Forgets those that left, and makes this client known to those that are new. */
    void routeChanged(Set<String> proxies) {
        List<Contact> added = new ArrayList<>();
        synchronized (this) {
            if (closed) {
                return;
            }
            byProxy.keySet().retainAll(proxies);
            for (String proxy : proxies) {
                if (!byProxy.containsKey(proxy)) {
                    Contact contact = new Contact(proxy);
                    contact.rejoining = true;
                    byProxy.put(proxy, contact);
                    added.add(contact);
                }
            }
        }
        added.forEach(this::rejoin);
    }

    /** The proxies that can be asked, another one first each time. */
    synchronized List<String> usable() {
        List<String> usable = new ArrayList<>();
        for (Contact contact : byProxy.values()) {
            if (contact.isUsable()) {
                usable.add(contact.proxy);
            }
        }
        if (!usable.isEmpty()) {
            turn = (turn + 1) % usable.size();
            Collections.rotate(usable, turn);
        }
        return usable;
    }

    synchronized int inRoute() {
        return byProxy.size();
    }

    /** Why no proxy can be asked; null if one can, or there is no reason. */
    synchronized @Nullable Throwable failure() {
        return byProxy.values().stream().anyMatch(Contact::isUsable) ? null : lastFailure;
    }

    /**
     * The proxy has answered a receive call.
     *
     * @param emptyAtOnce without messages, and without having waited for any
     */
    void answered(String proxy, boolean emptyAtOnce) {
        Duration pause;
        Contact contact;
        synchronized (this) {
            contact = byProxy.get(proxy);
            if (contact == null) {
                return;
            }
            if (contact.failures + contact.refusals > 0) {
                log.info("receiving again proxy={} failures={}", proxy, contact.failures + contact.refusals);
                contact.failures = 0;
                contact.refusals = 0;
                rareLog.reset();
            }
            contact.quickAnswers = emptyAtOnce ? contact.quickAnswers + 1 : 0;
            if (!emptyAtOnce || !contact.isUsable()) {
                return;
            }
            contact.pausing = true;
            pause = Backoff.ofEmptyReceive(contact.quickAnswers);
        }
        timer.schedule(pause, () -> resume(contact));
    }

    /** The proxy refuses for now. */
    void refused(String proxy, Throwable failure) {
        Duration pause;
        Contact contact;
        synchronized (this) {
            contact = byProxy.get(proxy);
            if (contact == null || contact.rejoining || contact.pausing) {
                return;
            }
            contact.pausing = true;
            contact.refusals++;
            lastFailure = failure;
            pause = Backoff.ofReceive(contact.refusals);
            logFailure("receive refused", contact, failure);
        }
        timer.schedule(pause, () -> resume(contact));
    }

    private void resume(Contact contact) {
        synchronized (this) {
            contact.pausing = false;
        }
        onContact.run();
    }

    /**
     * The connection broke, a call was not answered, or the proxy does not know this client.
     *
     * @param failure null if only the connection shows it
     */
    void lost(String proxy, @Nullable Throwable failure) {
        Contact contact;
        boolean atOnce;
        synchronized (this) {
            contact = byProxy.get(proxy);
            if (contact == null || contact.rejoining) {
                return;
            }
            contact.rejoining = true;
            contact.failures++;
            atOnce = contact.failures == 1 || timer.nanoTime() - contact.rejoinedNanos > CALM.toNanos();
            lastFailure = failure == null
                    ? new LiteException("connection broke [proxy=" + proxy + "]; try again", true, null, null)
                    : failure;
            logFailure("contact lost", contact, failure);
        }
        if (atOnce) {
            rejoin(contact);
        } else {
            rejoinLater(contact);
        }
    }

    private void rejoinLater(Contact contact) {
        Duration pause;
        synchronized (this) {
            pause = Backoff.ofRejoin(contact.failures);
        }
        timer.schedule(pause, () -> rejoin(contact));
    }

    private void rejoin(Contact contact) {
        synchronized (this) {
            if (closed || byProxy.get(contact.proxy) != contact) {
                return;
            }
        }
        Futures.onDone(
                syncSubscriptions.apply(contact.proxy),
                done -> rejoined(contact),
                failure -> rejoinFailed(contact, failure));
    }

    private void rejoined(Contact contact) {
        synchronized (this) {
            contact.rejoining = false;
            contact.rejoinedNanos = timer.nanoTime();
        }
        onContact.run();
    }

    private void rejoinFailed(Contact contact, Throwable failure) {
        synchronized (this) {
            contact.failures++;
            lastFailure = failure;
            logFailure("rejoining failed", contact, failure);
        }
        rejoinLater(contact);
    }

    /** The caller holds the lock. */
    private void logFailure(String what, Contact contact, @Nullable Throwable failure) {
        if (failure instanceof ClientUnknownException) {
            log.info("the server lost this client, subscriptions are sent again proxy={}", contact.proxy);
        } else if (rareLog.isDue()) {
            log.warn("{}, will be repeated proxy={} failures={}", what, contact.proxy, contact.failures, failure);
        } else {
            log.debug("{} proxy={} failures={}", what, contact.proxy, contact.failures, failure);
        }
    }

    /** Guarded by the outer object. */
    private static final class Contact {
        private final String proxy;
        private boolean rejoining;
        private boolean pausing;
        private int failures;
        private int refusals;
        private int quickAnswers;
        private long rejoinedNanos; // meaningful after the first failure

        private Contact(String proxy) {
            this.proxy = proxy;
        }

        private boolean isUsable() {
            return !rejoining && !pausing;
        }
    }
}
