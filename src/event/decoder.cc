#include "event/decoder.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "base/invariant.h"
#include "event/data_reader.h"
#include "event/decode_plan.h"
#include "event/json_check.h"
#include "event/shape_reader.h"
#include "event/tripwire.h"

namespace fengsui::event {
namespace {

namespace ondemand = simdjson::ondemand;

// The names of the envelope; the five before `data` are strings.
enum Name : int { kSpecVersion = 0, kId, kSource, kType, kTime, kData, kNames };
constexpr std::string_view kNameTexts[kNames] = {"specversion", "id",   "source",
                                                 "type",        "time", "data"};
constexpr unsigned kAllTexts = (1U << kData) - 1;

int envelope_name(std::string_view name) {
  for (int i = 0; i < kNames; ++i) {
    if (kNameTexts[i] == name) return i;
  }
  return -1;
}

Rejected parse_fault(std::string message) { return {Rejection::Parse, std::move(message)}; }
Rejected parser_fault(simdjson::error_code code) {
  return parse_fault(std::string("simdjson: ") + simdjson::error_message(code));
}

}  // namespace

struct Decoder::State {
  State(const EventTypes& types, const KeyRing* keys, DecodeOptions decode_options)
      : options(decode_options), data_reader(keys), shapes(keys, decode_options.tripwire) {
    for (const auto& [name, type] : types) {
      plans.emplace(name, make_plan(*type, keys, decode_options.keep_all));
    }
  }

  // Constant after construction; the keys are the names of the event types, which outlive us.
  const DecodeOptions options;
  std::unordered_map<std::string_view, TypePlan> plans;

  // Reused from record to record.
  std::vector<char> buffer;  // the record and its padding
  ondemand::parser parser;
  DataReader data_reader;
  ShapeReader shapes;
  std::string scratch;

  // Of the record being decoded.
  ondemand::document document;
  const char* record_end = nullptr;
  bool watch = false;    // some string may trip the wire
  bool tripped = false;  // one of the envelope or of an extension has
  unsigned seen = 0;     // bits of Name
  std::string_view texts[kData];
  EventTime time{};
  const TypePlan* plan = nullptr;
  bool data_read = false;
  std::optional<Rejected> data_fault;

  using Fault = std::optional<Rejected>;

  Fault decode(std::string_view bytes, Event& event);
  std::string_view load(std::string_view bytes);
  Fault decode_surely(std::string_view text, Event& event);
  Fault check_text(std::string_view text);
  Fault read_envelope(Event& event, bool may_read_data);
  Fault take(Name name, ondemand::value& value);
  Fault check_complete() const;
  bool begin_event(Event& event);
  Fault read_data_alone(Event& event);
};

// The record's copy in the buffer, with zeros behind it.
std::string_view Decoder::State::load(std::string_view bytes) {
  constexpr size_t kPadding = std::max<size_t>(simdjson::SIMDJSON_PADDING, ShapeReader::kPadding);
  if (buffer.size() < bytes.size() + kPadding) buffer.resize(2 * bytes.size() + kPadding);
  if (!bytes.empty()) std::memcpy(buffer.data(), bytes.data(), bytes.size());
  std::memset(buffer.data() + bytes.size(), 0, kPadding);
  return {buffer.data(), bytes.size()};
}

// The whole text: UTF-8, JSON. Leaves the document at its start.
Decoder::State::Fault Decoder::State::check_text(std::string_view text) {
  record_end = text.data() + text.size();
  if (!simdjson::validate_utf8(text)) return parse_fault("not UTF-8");
  if (const std::optional<JsonFault> fault = check_json(text, options.depth_max)) {
    return parse_fault(std::string("not JSON: ") + fault->what + ", at byte " +
                       std::to_string(fault->offset));
  }
  const simdjson::error_code code =
      parser.iterate(text.data(), text.size(), buffer.size()).get(document);
  if (code != simdjson::SUCCESS) return parser_fault(code);
  watch = options.tripwire && may_name_a_person(text);
  return std::nullopt;
}

// One string of the envelope, as it comes.
Decoder::State::Fault Decoder::State::take(Name name, ondemand::value& value) {
  const std::string what(kNameTexts[name]);
  std::string_view& text = texts[name];
  if (!read_text(value, text) || text.empty()) return parse_fault(what + " is empty or no string");
  if (watch && names_a_person(text)) tripped = true;
  if (name == kSpecVersion && text != "1.0") return parse_fault("specversion is not 1.0");
  if (name != kTime) return std::nullopt;
  const std::optional<Instant> instant = parse_rfc3339(text);
  if (!instant) return parse_fault("time is not an RFC 3339 date-time");
  time = to_event_time(*instant);
  if (time < kEventTimeMin || time > kEventTimeMax) {
    return parse_fault("time is before 1970 or after 2199");
  }
  return std::nullopt;
}

Decoder::State::Fault Decoder::State::check_complete() const {
  for (int name = 0; name < kNames; ++name) {
    if (!(seen >> name & 1)) return parse_fault(std::string(kNameTexts[name]) + " is missing");
  }
  return std::nullopt;
}

// One pass over the outer object. With may_read_data, `data` is read on the way if all else has
// come before it and its type is known; if it has a fault the pass ends there, and the caller makes
// another one without: faults of the envelope count first.
Decoder::State::Fault Decoder::State::read_envelope(Event& event, bool may_read_data) {
  seen = 0;
  ondemand::object envelope;
  if (document.get_object().get(envelope) != simdjson::SUCCESS) return parse_fault("not an object");
  for (simdjson::simdjson_result<ondemand::field> item : envelope) {
    ondemand::field field;
    std::string_view key;
    simdjson::error_code code = std::move(item).get(field);
    if (code == simdjson::SUCCESS) code = read_name(field, key);
    if (code != simdjson::SUCCESS) return parser_fault(code);
    ondemand::value& value = field.value();
    const int name = envelope_name(key);
    const std::string_view token = value.raw_json_token();
    if (name < 0) {
      const std::string_view rest(token.data(), static_cast<size_t>(record_end - token.data()));
      if (watch && !tripped) tripped = value_names_a_person(rest, scratch);
      continue;
    }
    if (seen >> name & 1) return parse_fault(std::string(kNameTexts[name]) + " is given twice");
    if (name != kData) {
      if (Fault fault = take(static_cast<Name>(name), value)) return fault;
    } else if (token[0] != '{') {
      return parse_fault("data is not an object");
    } else if (may_read_data && seen == kAllTexts && begin_event(event)) {
      ondemand::object data;
      code = value.get_object().get(data);
      if (code != simdjson::SUCCESS) return parser_fault(code);
      data_fault = data_reader.read(*plan, data, watch, record_end, event.slots);
      if (data_fault) return std::nullopt;
      data_read = true;
    }
    seen |= 1U << name;
  }
  return check_complete();
}

// The event without its data. False: no schema for its type.
bool Decoder::State::begin_event(Event& event) {
  if (plan == nullptr || plan->type->name() != texts[kType]) {
    const auto found = plans.find(texts[kType]);
    if (found == plans.end()) return false;
    plan = &found->second;
  }
  event.type = plan->type;
  event.time = time;
  event.slots = plan->blank;
  event.slots[kSlotId] = cel::Value::string(std::string(texts[kId]));
  event.slots[kSlotSource] = cel::Value::string(std::string(texts[kSource]));
  event.slots[kSlotType] = cel::Value::string(plan->type->name());
  event.slots[kSlotTime] = cel::Value::timestamp(to_instant(time));
  return true;
}

// `data` stood before something that it needs: find it again.
Decoder::State::Fault Decoder::State::read_data_alone(Event& event) {
  if (!begin_event(event)) return Rejected{Rejection::UnknownType, "no schema for this type"};
  document.rewind();
  ondemand::object envelope;
  ondemand::object data;
  if (document.get_object().get(envelope) != simdjson::SUCCESS) return parse_fault("not an object");
  for (simdjson::simdjson_result<ondemand::field> item : envelope) {
    ondemand::field field;
    std::string_view key;
    simdjson::error_code code = std::move(item).get(field);
    if (code == simdjson::SUCCESS) code = read_name(field, key);
    if (code == simdjson::SUCCESS && key != kNameTexts[kData]) continue;
    if (code == simdjson::SUCCESS) code = field.value().get_object().get(data);
    if (code != simdjson::SUCCESS) return parser_fault(code);
    return data_reader.read(*plan, data, watch, record_end, event.slots);
  }
  INVARIANT(false && "the first pass has seen data");
  return std::nullopt;
}

Decoder::State::Fault Decoder::State::decode(std::string_view bytes, Event& event) {
  if (bytes.size() > options.record_bytes_max) {
    return parse_fault("longer than " + std::to_string(options.record_bytes_max) + " bytes");
  }
  const std::string_view text = load(bytes);
  if (options.bet && simdjson::validate_utf8(text) && shapes.read(text, event)) {
    return std::nullopt;
  }
  Fault fault = decode_surely(text, event);
  if (options.bet && !fault) shapes.learn(text, *plan);
  return fault;
}

Decoder::State::Fault Decoder::State::decode_surely(std::string_view text, Event& event) {
  tripped = false;
  data_read = false;
  data_fault.reset();
  if (Fault fault = check_text(text)) return fault;
  if (Fault fault = read_envelope(event, true)) return fault;
  if (data_fault) {
    document.rewind();
    if (Fault fault = read_envelope(event, false)) return fault;
    return std::move(data_fault);
  }
  if (!data_read) {
    if (Fault fault = read_data_alone(event)) return fault;
  }
  // From here on the record has the form of its type.
  if (tripped) {
    return Rejected{Rejection::Identity, "the envelope holds a number that names a person"};
  }
  return data_reader.identity_fault();
}

Decoder::Decoder(const EventTypes& types, const KeyRing* keys, DecodeOptions options)
    : state_(std::make_unique<State>(types, keys, options)) {}
Decoder::~Decoder() = default;

Expected<Event, Rejected> Decoder::decode(std::string_view bytes) {
  Event event;
  if (std::optional<Rejected> fault = state_->decode(bytes, event)) return fail(std::move(*fault));
  return event;
}

std::optional<Rejected> Decoder::decode_into(std::string_view bytes, Event& event) {
  return state_->decode(bytes, event);
}

}  // namespace fengsui::event
