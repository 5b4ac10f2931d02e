package fengsui.peers;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.function.Consumer;

/** An event file, line by line; and a line as an event, by Jackson's streaming parser. */
public final class Feed {
  private static final JsonFactory JSON = new JsonFactory();
  private static String day = "";
  private static long dayStart;

  private Feed() {}

  /** Each line's bytes, without the line feed. */
  public static void forEachLine(Path file, Consumer<byte[]> take) throws IOException {
    byte[] line = new byte[1 << 16];
    int size = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 20)) {
      byte[] chunk = new byte[1 << 16];
      for (int got = in.read(chunk); got > 0; got = in.read(chunk)) {
        for (int i = 0; i < got; i++) {
          if (chunk[i] == '\n') {
            take.accept(Arrays.copyOf(line, size));
            size = 0;
          } else {
            line[size++] = chunk[i];
          }
        }
      }
    }
  }

  public static CityEvent parse(byte[] line) throws IOException {
    try (JsonParser in = JSON.createParser(line)) { return parse(in); }
  }

  public static CityEvent parse(String line) throws IOException {
    try (JsonParser in = JSON.createParser(line)) { return parse(in); }
  }

  // The reference feeds give `type` before `data`.
  private static CityEvent parse(JsonParser in) throws IOException {
    String id = "", type = "", time = "";
    CityEvent event = null;
    in.nextToken();
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String name = in.currentName();
      in.nextToken();
      switch (name) {
        case "id" -> id = in.getText();
        case "type" -> type = in.getText();
        case "time" -> time = in.getText();
        case "data" -> event = data(in, type);
        default -> in.skipChildren();
      }
    }
    event.id = id;
    event.type = type;
    event.time = milliseconds(time);
    return event;
  }

  private static CityEvent data(JsonParser in, String type) throws IOException {
    CityEvent event = switch (type) {
      case "courier.parcel" -> new CityEvent.Parcel();
      case "hotline.ticket" -> new CityEvent.Ticket();
      case "hotline.update" -> new CityEvent.Update();
      case "homestay.checkin" -> new CityEvent.Stay();
      default -> throw new IOException("unknown type " + type);
    };
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String name = in.currentName();
      in.nextToken();
      if (name.equals("grid")) event.grid = in.getText();
      else if (name.equals("region")) event.region = in.getText();
      else if (event instanceof CityEvent.Parcel parcel) set(parcel, name, in);
      else if (event instanceof CityEvent.Ticket ticket) set(ticket, name, in);
      else if (event instanceof CityEvent.Update update) set(update, name, in);
      else if (event instanceof CityEvent.Stay stay) set(stay, name, in);
    }
    return event;
  }

  private static void set(CityEvent.Parcel to, String name, JsonParser in) throws IOException {
    switch (name) {
      case "waybill" -> to.waybill = in.getText();
      case "sender_id" -> to.sender_id = in.getText();
      case "receiver_id" -> to.receiver_id = in.getText();
      case "outlet" -> to.outlet = in.getText();
      case "item_category" -> to.item_category = in.getText();
      case "dest_region" -> to.dest_region = in.getText();
      case "weight_kg" -> to.weight_kg = in.getDoubleValue();
      case "declared_value" -> to.declared_value = in.getDoubleValue();
      case "verified" -> to.verified = in.getBooleanValue();
      default -> in.skipChildren();
    }
  }

  private static void set(CityEvent.Ticket to, String name, JsonParser in) throws IOException {
    switch (name) {
      case "ticket_id" -> to.ticket_id = in.getText();
      case "caller_id" -> to.caller_id = in.getText();
      case "category" -> to.category = in.getText();
      case "text" -> to.text = in.getText();
      case "urgency" -> to.urgency = in.getText();
      default -> in.skipChildren();
    }
  }

  private static void set(CityEvent.Update to, String name, JsonParser in) throws IOException {
    switch (name) {
      case "ticket_id" -> to.ticket_id = in.getText();
      case "status" -> to.status = in.getText();
      case "department" -> to.department = in.getText();
      default -> in.skipChildren();
    }
  }

  private static void set(CityEvent.Stay to, String name, JsonParser in) throws IOException {
    switch (name) {
      case "stay_id" -> to.stay_id = in.getText();
      case "listing_id" -> to.listing_id = in.getText();
      case "guest_id" -> to.guest_id = in.getText();
      case "verify_method" -> to.verify_method = in.getText();
      case "guests" -> to.guests = in.getIntValue();
      case "minors" -> to.minors = in.getIntValue();
      case "nights" -> to.nights = in.getIntValue();
      case "guardian_present" -> to.guardian_present = in.getBooleanValue();
      default -> in.skipChildren();
    }
  }

  // "2026-03-01T02:40:08.557Z", as the feeds write it.
  private static synchronized long milliseconds(String text) {
    if (!text.startsWith(day) || day.isEmpty()) {
      day = text.substring(0, 10);
      dayStart = LocalDate.parse(day).toEpochDay() * 86_400_000L;
    }
    return dayStart + number(text, 11, 2) * 3_600_000L + number(text, 14, 2) * 60_000L
        + number(text, 17, 2) * 1000L + number(text, 20, 3);
  }

  private static long number(String text, int at, int digits) {
    long value = 0;
    for (int i = at; i < at + digits; i++) value = value * 10 + (text.charAt(i) - '0');
    return value;
  }
}
