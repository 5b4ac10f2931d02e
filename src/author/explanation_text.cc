// Facts of an explanation, for people.
#include "author/explanation.h"

namespace fengsui::author {
namespace {

using Fact = Explainer::Fact;

std::string shown(const Fact& value) {
  if (value.is_object() && value.size() == 1 && value.contains("error")) {
    return "error: " + value["error"].get<std::string>();
  }
  return value.dump();
}

std::string word(const Fact& fact, const char* key) { return fact[key].get<std::string>(); }

// "3 hits".
std::string counted(const Fact& fact, const char* key, const char* noun) {
  const auto count = fact[key].get<uint64_t>();
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

void add_conditions(const Fact& conditions, const std::string& indent, std::string& out) {
  for (const Fact& condition : conditions) {
    const bool asked = condition.contains("value");
    const std::string value = asked ? shown(condition["value"]) : "not evaluated: others decided";
    out += indent + word(condition, "condition") + "  = " + value + "\n";
  }
}

const char* answer_of(const std::string& answer) {
  if (answer == "counts") return "counts";
  if (answer == "when_false") return "does not count: `when` is false";
  if (answer == "when_error") return "does not count: `when` errs, which counts as false";
  if (answer == "group_missing") {
    return "does not count: a group value is missing, errs, or is no string, int or bool";
  }
  if (answer == "duplicate") return "dropped: its source and id have been seen";
  if (answer == "late") return "late";
  if (answer == "dead_letter") return "is a dead letter";
  return "";
}

void add_event(const Fact& fact, std::string& out) {
  const std::string answer = word(fact, "answer");
  if (fact.contains("line")) {
    out += "line " + std::to_string(fact["line"].get<size_t>()) + " ";
  } else {
    out += word(fact, "time") + " ";
  }
  out += word(fact, "event");
  if (const std::string type = word(fact, "type"); !type.empty()) out += " (" + type + ")";
  if (fact.contains("step")) out += ", step " + word(fact, "step") + ",";
  if (answer == "excepted") {
    out += " does not count: the exception `" + word(fact, "exception") + "` holds";
  } else {
    out += std::string(" ") + answer_of(answer);
  }
  if (fact.contains("message")) out += ": " + word(fact, "message");
  if (fact.contains("late")) out += ", late but admitted";
  if (fact.contains("group") && !fact["group"].empty()) out += ", group " + fact["group"].dump();
  out += "\n";
  if (fact.contains("when")) add_conditions(fact["when"], "    ", out);
  if (fact.contains("keywords")) {
    for (const Fact& match : fact["keywords"]) {
      out += "    `" + word(match, "keyword") + "` stands in " + word(match, "field") +
             " at character " + std::to_string(match["offset"].get<size_t>() + 1) + ": " +
             match["text"].dump() + "\n";
    }
  }
  if (!fact.contains("exceptions")) return;
  for (const Fact& exception : fact["exceptions"]) {
    out += "    except `" + word(exception, "name") + "`";
    if (!exception["in_force"].get<bool>()) out += " ran out at " + word(exception, "until");
    out += "\n";
    if (exception.contains("conditions")) add_conditions(exception["conditions"], "      ", out);
  }
}

void add_entries(const Fact& entries, const char* what, std::string& out) {
  out += std::string("    ") + what + ": " + counted(entries, "count", "event");
  if (!entries.contains("events")) {
    out += "\n";
    return;
  }
  out += ", " + word(entries, "oldest") + " to " + word(entries, "newest") + "\n";
  const Fact& events = entries["events"];
  if (events.size() < entries["count"].get<size_t>()) out += "      … the newest:\n";
  for (const Fact& event : events) {
    out += "      " + word(event, "time") + " " + word(event, "event") + "\n";
  }
}

void add_why(const Fact& fact, std::string& out) {
  for (const Fact& record : fact["records"]) {
    out += "    record: " + word(record, "kind") + " " + word(record, "grade") + " " +
           word(record, "alert");
    if (record.contains("message")) out += " " + record["message"].dump();
    out += "\n";
  }
  const std::string why = fact.contains("why") ? word(fact, "why") : "";
  if (why == "no_grade") out += "    no record: no grade holds\n";
  if (why == "shadow") out += "    the rule is in shadow: its records go nowhere\n";
  if (why == "open") {
    const Fact& open = fact["open"];
    out += "    no record: the alert " + word(open, "alert") + " is open since " +
           word(open, "opened") + " at " + word(open, "grade") + "; this is its hit " +
           std::to_string(open["hits"].get<uint64_t>()) + ", and only a higher grade is told\n";
  }
}

void add_evaluation(const Fact& fact, std::string& out) {
  out += word(fact, "time") + " evaluated";
  if (!fact["group"].empty()) out += ", group " + fact["group"].dump();
  const std::string grade = word(fact, "grade");
  out += grade == "none" ? ": no grade\n" : ": " + grade + "\n";
  add_entries(fact["window"], "held", out);
  if (fact.contains("baseline")) {
    out += "    baseline:";
    for (const auto& item : fact["baseline"].items()) {
      out += " " + item.key() + " " + shown(item.value());
    }
    out += "\n";
  }
  for (const auto& item : fact["values"].items()) {
    out += "    " + item.key() + " = " + shown(item.value()) + "\n";
  }
  for (const Fact& told : fact["grades"]) {
    out += "    " + word(told, "grade") +
           (told["holds"].get<bool>() ? " holds\n" : " does not hold\n");
    add_conditions(told["conditions"], "      ", out);
  }
  add_why(fact, out);
}

const char* step_of(const std::string& what) {
  if (what == "started") return "starts a match";
  if (what == "extended") return "extends a match";
  if (what == "completed") return "completes a match";
  if (what == "killed") return "ends a match: what must not happen did";
  if (what == "expired") return "a match is dropped: `within` has passed";
  if (what == "evicted") return "a match is dropped: there are more than may be kept";
  return "fits no match";
}

void add_step(const Fact& fact, std::string& out) {
  out += word(fact, "time") + " step " + word(fact, "step") + " " + step_of(word(fact, "what"));
  if (!fact["group"].empty()) out += ", group " + fact["group"].dump();
  out += "\n";
  add_entries(fact["match"], "the match", out);
}

void add_tried(const Fact& fact, std::string& out) {
  out += word(fact, "time") + " " + word(fact, "event") + " is tried as step " +
         word(fact, "step") + " of the match that began at " + word(fact["match"], "oldest") + "\n";
  add_conditions(fact["conditions"], "    ", out);
}

void add_kept(const Fact& fact, std::string& out) {
  out += word(fact, "time") + " " + word(fact, "event");
  if (fact["left_out"].get<bool>()) {
    out += " is left out: its windows are closed";
  } else if (fact["only_seen"].get<bool>()) {
    out += " is kept for another group (`seen_by`), without being evaluated";
  } else {
    out += " came late: it is put in its place and evaluated at its own time";
  }
  if (!fact["group"].empty()) out += ", group " + fact["group"].dump();
  out += "\n";
}

}  // namespace

std::string as_text(const Fact& fact) {
  const std::string kind = word(fact, "fact");
  std::string out;
  if (kind == "event") {
    add_event(fact, out);
  } else if (kind == "evaluation") {
    add_evaluation(fact, out);
  } else if (kind == "step") {
    add_step(fact, out);
  } else if (kind == "tried") {
    add_tried(fact, out);
  } else if (kind == "kept") {
    add_kept(fact, out);
  } else if (kind == "clear") {
    const Fact& record = fact["record"];
    out += word(record, "time") + " the alert " + word(record, "alert") + " clears after " +
           counted(record, "hits", "hit") + ", the last at " + word(record, "last") + "\n";
  } else {
    out += word(fact, "rule") + ": " + counted(fact, "events", "event") + " asked about, " +
           std::to_string(fact["counted"].get<uint64_t>()) + " counted, " +
           counted(fact, "evaluations", "evaluation") + ", " + counted(fact, "hits", "hit") + ", " +
           counted(fact, "records", "record") + ", " + counted(fact, "open", "alert") +
           " open at the end\n";
  }
  return out;
}

}  // namespace fengsui::author
