// Random events that keep their schema, written with random order, white space and escapes, decode
// to what another JSON reader reads.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "event/decoder.h"
#include "sample_types.h"

namespace fengsui::event {
namespace {

using nlohmann::json;

class Writer {
 public:
  explicit Writer(unsigned seed) : random_(seed) {}

  size_t below(size_t n) { return random_() % n; }
  bool chance(size_t one_in) { return below(one_in) == 0; }

  std::string space() { return chance(3) ? std::string(1, " \t\n\r"[below(4)]) : ""; }

  // Code points of every UTF-8 length and all that needs an escape.
  std::u32string code_points(size_t most) {
    static const std::u32string kAlphabet =
        U"abcXYZ "
        U"019\"\\/\b\f\n\r\t\u0001\u001f\u007f\u00e9\u07ff\u0800\u6c49\uffff\U00010000\U0010ffff";
    std::u32string out;
    for (size_t size = below(most + 1); size > 0; --size) out += kAlphabet[below(kAlphabet.size())];
    return out;
  }

  std::string quoted(const std::u32string& text) {
    std::string out = "\"";
    for (const char32_t c : text) {
      const bool must = c < 0x20 || c == '"' || c == '\\';
      if (!must && !chance(4)) {
        append_utf8(out, c);
      } else if (c == '/' && chance(2)) {
        out += "\\/";
      } else if (c == '\n' && chance(2)) {
        out += "\\n";
      } else if (c >= 0x10000) {
        escape(out, 0xD800 + ((c - 0x10000) >> 10));
        escape(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
      } else {
        escape(out, c);
      }
    }
    return out + "\"";
  }

  std::string real() {
    static const char* const kForms[] = {"0",
                                         "-0.0",
                                         "1",
                                         "2.50",
                                         "1e-7",
                                         "1E+22",
                                         "1e-400",
                                         "5e-324",
                                         "123456789012345678901234567890",
                                         "0.1",
                                         "3.14159265358979323846264338327950288"};
    if (chance(2)) return kForms[below(std::size(kForms))];
    return std::to_string(static_cast<int64_t>(random_())) + "." + std::to_string(random_()) + "e" +
           std::to_string(static_cast<int>(below(560)) - 280);
  }

  std::string integer() {
    static const char* const kForms[] = {"0", "-1", "9223372036854775807", "-9223372036854775808",
                                         "9007199254740993"};
    if (chance(2)) return kForms[below(std::size(kForms))];
    return std::to_string(static_cast<int64_t>(random_() << 11 ^ random_()));
  }

  std::string anything(int depth) {
    switch (below(depth > 4 ? 5 : 7)) {
      case 0:
        return "null";
      case 1:
        return chance(2) ? "true" : "false";
      case 2:
        return real();
      case 3:
        return "-1e9999";
      case 4:
        return quoted(code_points(12));
      case 5: {
        std::vector<std::string> items;
        for (size_t n = below(4); n > 0; --n) items.push_back(anything(depth + 1));
        return joined("[", items, "]");
      }
      default: {
        std::vector<std::string> items;
        for (size_t n = below(4); n > 0; --n) {
          items.push_back(quoted(code_points(3)) + space() + ":" + space() + anything(depth + 1));
        }
        return joined("{", items, "}");
      }
    }
  }

  std::string value(const Field& field, int depth) {
    switch (field.type) {
      case FieldType::String:
        return quoted(code_points(20));
      case FieldType::Number:
        return real();
      case FieldType::Integer:
        return integer();
      case FieldType::Boolean:
        return chance(2) ? "true" : "false";
      case FieldType::Array: {
        std::vector<std::string> items;
        for (size_t n = below(4); n > 0; --n) items.push_back(value(*field.items, depth + 1));
        return joined("[", items, "]");
      }
      case FieldType::Object:
        return object(field, depth);
    }
    return "";
  }

  std::string object(const Field& field, int depth) {
    std::vector<std::string> members;
    for (const Field& part : field.properties) {
      if (!part.required && chance(3)) continue;
      members.push_back(quoted(std::u32string(part.name.begin(), part.name.end())) + space() + ":" +
                        space() + value(part, depth + 1));
    }
    for (size_t n = below(3); n > 0; --n) {
      members.push_back(quoted(U"unknown " + code_points(5)) + ":" + anything(depth));
    }
    if (chance(2)) std::shuffle(members.begin(), members.end(), random_);
    return joined("{", members, "}");
  }

  std::string joined(const char* open, const std::vector<std::string>& items, const char* close) {
    std::string out = open + space();
    for (size_t i = 0; i < items.size(); ++i) {
      out += (i > 0 ? "," + space() : "") + items[i] + space();
    }
    return out + close;
  }

  std::mt19937_64& random() { return random_; }

 private:
  static void append_utf8(std::string& out, char32_t c) {
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else if (c < 0x800) {
      out += {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 63))};
    } else if (c < 0x10000) {
      out += {static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
              static_cast<char>(0x80 | (c & 63))};
    } else {
      out += {static_cast<char>(0xF0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)),
              static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
    }
  }
  void escape(std::string& out, uint32_t unit) {
    const char* digits = chance(2) ? "0123456789abcdef" : "0123456789ABCDEF";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += digits[unit >> shift & 15];
  }

  std::mt19937_64 random_;
};

// No words but types and `required`: whatever is written is right.
Field loose_fields() {
  Field code = field("code", FieldType::String);
  code.required = true;
  Field weight = field("weight", FieldType::Number);
  const Field deep = object("deep", {object("er", {field("est", FieldType::Integer)})});
  return object(
      "", {code, weight, field("count", FieldType::Integer), field("open", FieldType::Boolean),
           field("quoted \"\\ name", FieldType::String), field("\n", FieldType::Integer),
           object("outlet", {code, weight, deep}), array("tags", field("", FieldType::String)),
           array("grid", array("", field("", FieldType::Number))),
           array("goods", object("", {code, weight, deep}))});
}

// The other reader's value of a declared field.
cel::Value expected_value(const Field& field, const json& from) {
  switch (field.type) {
    case FieldType::String:
      return cel::Value::string(from.get<std::string>());
    case FieldType::Number:
      return cel::Value::real(from.get<double>());
    case FieldType::Integer:
      return cel::Value::integer(from.get<int64_t>());
    case FieldType::Boolean:
      return cel::Value::boolean(from.get<bool>());
    case FieldType::Array: {
      cel::ListValue list;
      for (const json& item : from) list.push_back(expected_value(*field.items, item));
      return cel::Value::list(std::move(list));
    }
    case FieldType::Object: {
      cel::MapValue map;
      for (const Field& part : field.properties) {
        if (!from.contains(part.name)) continue;
        map.emplace_back(cel::Value::string(part.name), expected_value(part, from[part.name]));
      }
      return cel::Value::map(std::move(map));
    }
  }
  return cel::Value::null();
}

std::string as_json(const cel::Value& value) {
  std::string out;
  cel::append_json(out, value);
  return out;
}

void check_slots(const Event& event, const Field& field, const json* from) {
  for (const Field& part : field.properties) {
    if (part.slot < 0) continue;
    const cel::Value& got = event.slots[static_cast<size_t>(part.slot)];
    const json* inside =
        from != nullptr && from->contains(part.name) ? &(*from)[part.name] : nullptr;
    if (inside == nullptr) {
      REQUIRE(got.is_error());
      CHECK(got.error_code() ==
            (from == nullptr ? cel::ErrorCode::MissingParent : cel::ErrorCode::Missing));
    } else {
      REQUIRE_FALSE(got.is_error());
      CHECK(as_json(got) == as_json(expected_value(part, *inside)));
    }
    check_slots(event, part, inside);
  }
}

TEST_CASE("random events decode to what another reader reads") {
  auto type = std::make_shared<EventType>("loose", "", loose_fields());
  for (int slot = kEnvelopeSlots; slot < type->slots(); ++slot) type->need(slot);
  EventTypes types;
  types.emplace("loose", type);
  Decoder decoder(types, nullptr, {});
  Writer writer(20261);
  for (int i = 0; i < 4000; ++i) {
    const std::u32string id = U"i" + writer.code_points(8);
    const std::string data = writer.value(type->root(), 0);
    std::vector<std::string> members = {
        "\"specversion\":" + writer.quoted(U"1.0"),
        "\"id\":" + writer.quoted(id),
        writer.quoted(U"source") + ":" + writer.quoted(U"s/0"),
        "\"type\":" + writer.quoted(U"loose"),
        writer.quoted(U"time") + writer.space() + ":" + writer.quoted(U"2026-03-01T00:00:00.5Z"),
        writer.quoted(U"data") + ":" + writer.space() + data,
        "\"extension\":" + writer.anything(0),
    };
    if (writer.chance(2)) std::shuffle(members.begin(), members.end(), writer.random());
    const std::string text = writer.joined("{", members, "}");
    const Expected<Event, Rejected> event = decoder.decode(text);
    REQUIRE_MESSAGE(event, text, "\n  ", event.error().message);

    // The other reader keeps no number beyond the doubles.
    std::string tame = text;
    for (size_t at; (at = tame.find("-1e9999")) != tame.npos;) tame.replace(at, 7, "-1");
    const json whole = json::parse(tame);
    CHECK(event->id() == whole["id"].get<std::string>());
    check_slots(*event, type->root(), &whole["data"]);
  }
}

}  // namespace
}  // namespace fengsui::event
