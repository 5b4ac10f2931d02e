package fengsui.peers;

import io.siddhi.core.SiddhiAppRuntime;
import io.siddhi.core.SiddhiManager;
import io.siddhi.core.event.Event;
import io.siddhi.core.stream.input.InputHandler;
import io.siddhi.core.stream.output.StreamCallback;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * rules EVENTS    four of the six rules in playback time, each event parsed by Jackson. Its sequences are
 * left out: one of them costs several hundred microseconds an event. It has no substring test; the
 * texts are looked through before the engine, and the hour is part of w2's key.
 */
public final class SiddhiPeer {
  private static final long HOUR = 3_600_000;
  private static final String APP = """
      @app:name('peer') @app:playback
      define stream Parcel (id string, sender_id string, receiver_id string, item_category string,
        declared_value double);
      define stream Ticket (id string, grid string, hour long);
      define stream Stay (id string, guest_id string, listing_id string);
      from Parcel[item_category == 'gas_cylinder' or item_category == 'solvent'
          or item_category == 'fireworks' or item_category == 'paint' or item_category == 'battery']
        #window.time(1 hour) select id, count() as n group by sender_id having n >= 3 insert into w1;
      from Ticket#window.time(1 hour) select id, count() as n group by grid, hour having n >= 3
        insert into w2;
      from Stay#window.time(24 hours) select id, distinctCount(listing_id) as n group by guest_id
        having n >= 2 insert into w3;
      from Parcel#window.time(6 hours) select id, sum(declared_value) as n group by receiver_id
        having n >= 20000.0 insert into w4;
      """;

  private SiddhiPeer() {}

  public static void main(String[] args) throws Exception {
    Report load = new Report();
    SiddhiAppRuntime runtime = new SiddhiManager().createSiddhiAppRuntime(APP);
    Map<String, Long> counts = new TreeMap<>();
    for (String rule : new String[] {"w1", "w2", "w3", "w4"}) {
      counts.put(rule, 0L);
      runtime.addCallback(rule, new StreamCallback() {
        @Override public void receive(Event[] events) {
          counts.merge(rule, (long) events.length, Long::sum);
        }
      });
    }
    runtime.start();
    InputHandler parcels = runtime.getInputHandler("Parcel");
    InputHandler tickets = runtime.getInputHandler("Ticket");
    InputHandler stays = runtime.getInputHandler("Stay");
    double loaded = load.cpuSeconds();
    Report report = new Report();
    long[] read = {0};
    Feed.forEachLine(Path.of(args[1]), line -> {
      try {
        read[0]++;
        send(Feed.parse(line), parcels, tickets, stays);
      } catch (IOException wrong) {
        throw new UncheckedIOException(wrong);
      } catch (InterruptedException end) {
        throw new IllegalStateException(end);
      }
    });
    report.print(read[0], loaded, counts);
    System.exit(0);
  }

  private static void send(CityEvent event, InputHandler parcels, InputHandler tickets,
      InputHandler stays) throws InterruptedException {
    if (event instanceof CityEvent.Parcel parcel) {
      parcels.send(event.time, new Object[] {event.id, parcel.sender_id, parcel.receiver_id,
          parcel.item_category, parcel.declared_value});
    } else if (event instanceof CityEvent.Ticket ticket) {
      String text = ticket.text;
      if (text.contains("煤气") || text.contains("燃气泄漏") || text.contains("漏气")) {
        tickets.send(event.time, new Object[] {event.id, event.grid, event.time / HOUR});
      }
    } else if (event instanceof CityEvent.Stay stay) {
      stays.send(event.time, new Object[] {event.id, stay.guest_id, stay.listing_id});
    }
  }
}
