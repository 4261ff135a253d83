package io.litetopic.proxy.table;

import java.util.Collection;
import java.util.Iterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Entries by their own name: a hash table with linear probing (Knuth, TAOCP 6.4, algorithms L and R: removal moves later entries of
 * the run back, so nothing is left behind). It keeps one reference per place and no object of its own per entry, which is about 7
 * bytes an entry with compressed references, instead of the 40 of a {@code HashMap}.
 *
 * <p>The places are in up to {@value #MAX_SEGMENTS} segments, chosen by hash, which grow one by one: no insertion moves more than its
 * own segment's share of the entries. Lookup, insertion and removal are O(1). Not thread-safe.
 */
public final class NameTable<T extends Named> {
    private static final int MAX_SEGMENTS = 64;
    private static final int MIN_PLACES = 8;
    /** From this many entries on the table is split into segments. */
    private static final int SPLIT_SIZE = 4_096;
    /** Names that are looked up together. */
    private static final int MANY = 32;

    private Segment[] segments = {new Segment()};
    private int size;

    private static final class Segment {
        @Nullable
        Named[] places = new Named[0];

        int size;
    }

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public boolean contains(String name) {
        return get(name) != null;
    }

    @SuppressWarnings("unchecked") // only entries of type T come in
    public @Nullable T get(String name) {
        int hash = hash(name);
        Segment segment = segmentOf(hash);
        int place = find(segment, hash, name);
        return place < 0 ? null : (T) segment.places[place];
    }

    /**
     * Brings what lookups of the names will read into the processor's cache. One lookup waits for memory three or four times, each
     * time for the answer to the one before; here the waits of all names overlap. Changes nothing.
     *
     * @param names the first {@code count} are looked at
     * @param probable takes for each name the entry that is probably its, or null
     * @return a number without meaning, so that none of this can be left out
     */
    public int warm(String[] names, int count, @Nullable Named[] probable) {
        for (int i = 0; i < count; i++) {
            int hash = hash(names[i]);
            @Nullable Named[] places = segmentOf(hash).places;
            probable[i] = places.length == 0 ? null : places[hash & (places.length - 1)];
        }
        int read = 0;
        for (int i = 0; i < count; i++) {
            Named entry = probable[i];
            read += entry == null ? 0 : entry.name().hashCode();
        }
        for (int i = 0; i < count; i++) {
            Named entry = probable[i];
            read += entry == null ? 0 : entry.name().charAt(0);
        }
        return read;
    }

    /**
     * Looks many names up.
     *
     * @param absent takes those that have no entry, in their order
     * @return how many have one
     */
    public int countPresent(Collection<String> names, Collection<? super String> absent) {
        String[] some = new String[MANY];
        @Nullable Named[] probable = new Named[MANY];
        Iterator<String> all = names.iterator();
        int present = 0;
        while (all.hasNext()) {
            int count = 0;
            while (count < MANY && all.hasNext()) {
                some[count++] = all.next();
            }
            warm(some, count, probable);
            for (int i = 0; i < count; i++) {
                if (get(some[i]) == null) {
                    absent.add(some[i]);
                } else {
                    present++;
                }
            }
        }
        return present;
    }

    /** @throws IllegalStateException if there is an entry of this name */
    public void add(T entry) {
        if (size == SPLIT_SIZE && segments.length == 1) {
            split();
        }
        int hash = hash(entry.name());
        Segment segment = segmentOf(hash);
        if (find(segment, hash, entry.name()) >= 0) {
            throw new IllegalStateException("in the table already: " + entry.name());
        }
        if ((segment.size + 1) * 4 > segment.places.length * 3) {
            resize(segment, Math.max(MIN_PLACES, segment.places.length * 2));
        }
        insert(segment, hash, entry);
        size++;
    }

    /** Removes the entry of this name; null if there is none. */
    @SuppressWarnings("unchecked") // only entries of type T come in
    public @Nullable T remove(String name) {
        int hash = hash(name);
        Segment segment = segmentOf(hash);
        int place = find(segment, hash, name);
        if (place < 0) {
            return null;
        }
        T removed = (T) segment.places[place];
        closeHole(segment, place);
        segment.size--;
        size--;
        if (segment.places.length > 64 && segment.size * 8 < segment.places.length) {
            resize(segment, segment.places.length / 2);
        }
        return removed;
    }

    /** Visits every entry once, in no particular order. {@code action} must not change the table. */
    @SuppressWarnings("unchecked") // only entries of type T come in
    public void forEach(Consumer<? super T> action) {
        for (Segment segment : segments) {
            for (Named entry : segment.places) {
                if (entry != null) {
                    action.accept((T) entry);
                }
            }
        }
    }

    /**
     * Number of parts that the entries are divided into. An entry stays in its part for as long as this number does not change,
     * whatever else comes and goes.
     */
    public int slices() {
        return segments.length;
    }

    /** Visits every entry of one part, 0 to {@link #slices()} exclusive. {@code action} must not change the table. */
    @SuppressWarnings("unchecked") // only entries of type T come in
    public void forEachOfSlice(int slice, Consumer<? super T> action) {
        for (Named entry : segments[slice].places) {
            if (entry != null) {
                action.accept((T) entry);
            }
        }
    }

    private static int hash(String name) {
        int hash = name.hashCode() * 0x9E3779B9; // the low bits of similar names' hashes are similar
        return hash ^ (hash >>> 16);
    }

    private Segment segmentOf(int hash) {
        return segments[segments.length == 1 ? 0 : hash >>> 26];
    }

    private static int find(Segment segment, int hash, String name) {
        @Nullable Named[] places = segment.places;
        if (places.length == 0) {
            return -1;
        }
        int mask = places.length - 1;
        int place = hash & mask;
        Named entry;
        while ((entry = places[place]) != null) {
            String other = entry.name();
            if (other.hashCode() == name.hashCode() && other.equals(name)) {
                return place;
            }
            place = (place + 1) & mask;
        }
        return -1;
    }

    private static void insert(Segment segment, int hash, Named entry) {
        int mask = segment.places.length - 1;
        int place = hash & mask;
        while (segment.places[place] != null) {
            place = (place + 1) & mask;
        }
        segment.places[place] = entry;
        segment.size++;
    }

    private static void closeHole(Segment segment, int hole) {
        @Nullable Named[] places = segment.places;
        int mask = places.length - 1;
        int free = hole;
        places[free] = null;
        int place = (free + 1) & mask;
        Named entry;
        while ((entry = places[place]) != null) {
            int home = hash(entry.name()) & mask;
            boolean mayStay = free <= place ? free < home && home <= place : free < home || home <= place;
            if (!mayStay) {
                places[free] = entry;
                places[place] = null;
                free = place;
            }
            place = (place + 1) & mask;
        }
    }

    private static void resize(Segment segment, int places) {
        @Nullable Named[] old = segment.places;
        segment.places = new Named[places];
        segment.size = 0;
        for (Named entry : old) {
            if (entry != null) {
                insert(segment, hash(entry.name()), entry);
            }
        }
    }

    private void split() {
        Segment whole = segments[0];
        segments = new Segment[MAX_SEGMENTS];
        for (int i = 0; i < MAX_SEGMENTS; i++) {
            segments[i] = new Segment();
            resize(segments[i], 2 * SPLIT_SIZE / MAX_SEGMENTS);
        }
        for (Named entry : whole.places) {
            if (entry != null) {
                int hash = hash(entry.name());
                Segment segment = segmentOf(hash);
                if ((segment.size + 1) * 4 > segment.places.length * 3) {
                    resize(segment, segment.places.length * 2);
                }
                insert(segment, hash, entry);
            }
        }
    }
}
