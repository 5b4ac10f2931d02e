package fengsui.peers;

/** An event of the reference feeds. The getters are what Esper reads its events by. */
public abstract class CityEvent {
  public String id = "", type = "", grid = "", region = "";
  public long time;  // ms since 1970

  public String getId() { return id; }
  public String getGrid() { return grid; }
  public String getRegion() { return region; }

  public static final class Parcel extends CityEvent {
    public String waybill, sender_id, receiver_id, outlet, item_category, dest_region;
    public double weight_kg, declared_value;
    public boolean verified;

    public String getWaybill() { return waybill; }
    public String getSender_id() { return sender_id; }
    public String getReceiver_id() { return receiver_id; }
    public String getOutlet() { return outlet; }
    public String getItem_category() { return item_category; }
    public String getDest_region() { return dest_region; }
    public double getWeight_kg() { return weight_kg; }
    public double getDeclared_value() { return declared_value; }
    public boolean isVerified() { return verified; }
  }

  public static final class Ticket extends CityEvent {
    public String ticket_id, caller_id, category, text, urgency;

    public String getTicket_id() { return ticket_id; }
    public String getCaller_id() { return caller_id; }
    public String getCategory() { return category; }
    public String getText() { return text; }
  }

  public static final class Update extends CityEvent {
    public String ticket_id, status, department;

    public String getTicket_id() { return ticket_id; }
    public String getStatus() { return status; }
  }

  public static final class Stay extends CityEvent {
    public String stay_id, listing_id, guest_id, verify_method;
    public int guests, minors, nights;
    public boolean guardian_present;

    public String getListing_id() { return listing_id; }
    public String getGuest_id() { return guest_id; }
    public int getMinors() { return minors; }
    public boolean isGuardian_present() { return guardian_present; }
  }
}
