#include "alert/record.h"

#include "base/json_text.h"

namespace fengsui::alert {
namespace {

// A JSON object as it is written: the keys are ours and need no escape.
class ObjectText {
 public:
  explicit ObjectText(std::string& out) : out_(out) { out_ += '{'; }
  ~ObjectText() { out_ += '}'; }
  ObjectText(const ObjectText&) = delete;
  ObjectText& operator=(const ObjectText&) = delete;

  // The value is appended to what this gives back.
  std::string& key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    append_json_string(out_, name);
    out_ += ':';
    return out_;
  }
  void text(std::string_view name, std::string_view value) { append_json_string(key(name), value); }
  void time(std::string_view name, EventTime value) { text(name, format_event_time(value)); }
  void number(std::string_view name, uint64_t value) { key(name) += std::to_string(value); }

 private:
  std::string& out_;
  bool first_ = true;
};

void append_group(std::string& out, const Record& record, const rules::Rule& rule) {
  ObjectText object(out);
  if (!rule.has_by) return;
  for (size_t i = 0; i < rule.group_names.size() && i < record.group.size(); ++i) {
    cel::append_json(object.key(rule.group_names[i]), record.group[i]);
  }
}

void append_shown(ObjectText& object, const Record& record, const rules::Rule& rule) {
  {
    ObjectText values(object.key("values"));
    for (const auto& [name, value] : record.values) cel::append_json(values.key(name), value);
  }
  std::string& evidence = object.key("evidence");
  evidence += '[';
  for (const std::string& event : record.evidence) {
    if (&event != &record.evidence.front()) evidence += ',';
    append_json_string(evidence, event);
  }
  evidence += ']';
  {
    ObjectText labels(object.key("labels"));
    for (const auto& [name, value] : rule.labels) labels.text(name, value);
  }
  if (record.area) {
    object.text("area", *record.area);
  } else {
    object.key("area") += "null";
  }
  if (record.message) object.text("message", *record.message);
}

void append_record(ObjectText& object, const Record& record, const rules::Rule& rule) {
  object.text("kind", kRecordKindNames[static_cast<size_t>(record.kind)]);
  object.text("alert", record.alert);
  object.text("rule", rule.id);
  object.text("grade", rules::kGradeNames[static_cast<size_t>(record.grade)]);
  object.time("time", record.time);
  append_group(object.key("group"), record, rule);
  if (record.kind != RecordKind::Clear) {
    append_shown(object, record, rule);
    return;
  }
  object.number("hits", record.hits);
  object.time("opened", record.opened);
  object.time("last", record.last);
}

}  // namespace

std::map<std::string, std::string, std::less<>> labels_of(const rules::Rule& rule,
                                                          const Told& told) {
  std::map<std::string, std::string, std::less<>> labels(rule.labels.begin(), rule.labels.end());
  labels["rule"] = rule.id;
  labels["grade"] = rules::kGradeNames[static_cast<size_t>(told.grade)];
  if (told.area) labels["area"] = *told.area;
  return labels;
}

std::string replay_line(const Record& record, const rules::Rule& rule) {
  std::string line;
  {
    ObjectText object(line);
    append_record(object, record, rule);
  }
  return line;
}

std::string queue_message(const Record& record, const rules::Rule& rule,
                          std::string_view pack_hash) {
  std::string message;
  {
    ObjectText object(message);
    object.text("schema", "fengsui.alert/1");
    append_record(object, record, rule);
    object.number("record", record.number);
    object.text("title", rule.title);
    const auto department = rule.labels.find("department");
    if (department != rule.labels.end()) {
      object.text("department", department->second);
    } else {
      object.key("department") += "null";
    }
    object.text("pack", pack_hash);
  }
  return message;
}

}  // namespace fengsui::alert
