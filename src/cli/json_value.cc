#include "cli/json_value.h"

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_set>

#include "base/hash.h"
#include "base/invariant.h"
#include "base/json_text.h"
#include "cel/decimal.h"
#include "cel/time_math.h"

namespace fengsui::cli {
namespace {

using cel::Kind;
using cel::Value;
using nlohmann::json;

tl::unexpected<Error> bad(const std::string& what) { return fail(Error::bad_input(what)); }

struct KeyHash {
  size_t operator()(const Value& v) const { return cel::hash_value(v); }
};
struct KeyEqual {
  bool operator()(const Value& a, const Value& b) const { return cel::equal(a, b); }
};

bool is_key(const Value& v) {
  return v.kind() == Kind::Bool || v.kind() == Kind::Int || v.kind() == Kind::Uint ||
         v.kind() == Kind::String;
}

// All of the text, in decimal.
template <class T>
std::optional<T> number_of(const std::string& text) {
  T out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

Expected<Value> double_of(const std::string& text) {
  if (text == "NaN") return Value::real(std::numeric_limits<double>::quiet_NaN());
  if (text == "Infinity") return Value::real(std::numeric_limits<double>::infinity());
  if (text == "-Infinity") return Value::real(-std::numeric_limits<double>::infinity());
  const bool digits = text.find_first_of("0123456789") != text.npos;  // no other word
  double number = 0;
  const auto [end, error] = cel::read_decimal(text, number);
  if (!digits || error != std::errc() || end != text.data() + text.size()) {
    return bad("no double: " + text);
  }
  return Value::real(number);
}

// What the kinds of one text come to.
Expected<Value> scalar_of(const std::string& kind, const std::string& text) {
  if (kind == "string") return Value::string(text);
  if (kind == "double") return double_of(text);
  if (kind == "type") return Value::type(text);
  if (kind == "bytes") {
    std::string bytes;
    if (!base64_decode(text, bytes)) return bad("bytes are written in base64");
    return Value::bytes(std::move(bytes));
  }
  if (kind == "timestamp") {
    const std::optional<Instant> instant = parse_rfc3339(text);
    return instant ? Expected<Value>(Value::timestamp(*instant)) : bad("no timestamp: " + text);
  }
  if (kind == "duration") {
    const std::optional<Value> span = cel::parse_cel_duration(text);
    return span && !span->is_error() ? Expected<Value>(*span) : bad("no duration: " + text);
  }
  if (kind == "int") {
    const std::optional<int64_t> number = number_of<int64_t>(text);
    return number ? Expected<Value>(Value::integer(*number)) : bad("no int: " + text);
  }
  if (kind == "uint") {
    const std::optional<uint64_t> number = number_of<uint64_t>(text);
    return number ? Expected<Value>(Value::uinteger(*number)) : bad("no uint: " + text);
  }
  return bad("no kind of value is called \"" + kind + "\"");
}

Expected<Value> typed_at(const json& at, int depth);

Expected<Value> list_of(const json& items, int depth) {
  if (!items.is_array()) return bad("a list is written {\"list\": [V, …]}");
  cel::ListValue out;
  out.reserve(items.size());
  for (const json& item : items) {
    Expected<Value> value = typed_at(item, depth + 1);
    if (!value) return value;
    out.push_back(std::move(*value));
  }
  return Value::list(std::move(out));
}

Expected<Value> map_of(const json& entries, int depth) {
  const auto wrong = [] { return bad("a map is written {\"map\": [[K, V], …]}"); };
  if (!entries.is_array()) return wrong();
  cel::MapValue out;
  std::unordered_set<Value, KeyHash, KeyEqual> keys;
  for (const json& entry : entries) {
    if (!entry.is_array() || entry.size() != 2) return wrong();
    Expected<Value> key = typed_at(entry[0], depth + 1);
    if (!key) return key;
    if (!is_key(*key)) return bad("a map's key is a bool, int, uint or string");
    if (!keys.insert(*key).second) return bad("a map's key given twice");
    Expected<Value> value = typed_at(entry[1], depth + 1);
    if (!value) return value;
    out.emplace_back(std::move(*key), std::move(*value));
  }
  return Value::map(std::move(out));
}

Expected<Value> typed_at(const json& at, int depth) {
  if (depth > kJsonValueDepthMax) return bad("the value nests too deep");
  if (!at.is_object() || at.size() != 1) {
    return bad("a typed value is an object of one member, {\"int\": \"5\"} for one");
  }
  const std::string& kind = at.begin().key();
  const json& content = at.begin().value();
  if (kind == "list") return list_of(content, depth);
  if (kind == "map") return map_of(content, depth);
  if (kind == "null" && content.is_null()) return Value();
  if (kind == "bool" && content.is_boolean()) return Value::boolean(content.get<bool>());
  if (kind == "null" || kind == "bool" || !content.is_string()) {
    return bad("\"" + kind + "\" takes " +
               (kind == "bool" ? "true or false" : (kind == "null" ? "null" : "a string")));
  }
  return scalar_of(kind, content.get_ref<const std::string&>());
}

Expected<Value> plain_at(const json& at, int depth) {
  if (depth > kJsonValueDepthMax) return bad("the value nests too deep");
  switch (at.type()) {
    case json::value_t::null:
      return Value();
    case json::value_t::boolean:
      return Value::boolean(at.get<bool>());
    case json::value_t::number_integer:
      return Value::integer(at.get<int64_t>());
    case json::value_t::number_unsigned:
      if (at.get<uint64_t>() > INT64_MAX) return Value::real(at.get<double>());
      return Value::integer(at.get<int64_t>());
    case json::value_t::number_float:
      return Value::real(at.get<double>());
    case json::value_t::string:
      return Value::string(at.get<std::string>());
    case json::value_t::array: {
      cel::ListValue out;
      for (const json& item : at) {
        Expected<Value> value = plain_at(item, depth + 1);
        if (!value) return value;
        out.push_back(std::move(*value));
      }
      return Value::list(std::move(out));
    }
    case json::value_t::object: {
      cel::MapValue out;
      for (const auto& [key, item] : at.items()) {
        Expected<Value> value = plain_at(item, depth + 1);
        if (!value) return value;
        out.emplace_back(Value::string(key), std::move(*value));
      }
      return Value::map(std::move(out));
    }
    default:
      return bad("no JSON value");
  }
}

void append_member(std::string& out, const char* kind, std::string_view text) {
  out += std::string("{\"") + kind + "\":";
  append_json_string(out, text);
  out += '}';
}

// "1.5s": string() has three, six or nine digits, interfaces.md as few as there are.
std::string short_duration(const Value& v) {
  std::string out = cel::to_string(v).as_string();
  if (out.find('.') == out.npos) return out;
  out.pop_back();
  out.erase(out.find_last_not_of('0') + 1);
  return out + "s";
}

}  // namespace

Expected<Value> value_of_plain(const json& json) { return plain_at(json, 0); }

Expected<Value> value_of_typed(const json& json) { return typed_at(json, 0); }

void append_typed(std::string& out, const Value& v) {
  switch (v.kind()) {
    case Kind::Null:
      out += "{\"null\":null}";
      return;
    case Kind::Bool:
      out += v.as_bool() ? "{\"bool\":true}" : "{\"bool\":false}";
      return;
    case Kind::Double: {
      std::string text;
      append_json_double(text, v.as_double());
      const bool quoted = text.front() == '"';  // what is not finite
      out += "{\"double\":" + (quoted ? text : '"' + text + '"') + '}';
      return;
    }
    case Kind::Bytes:
      return append_member(out, "bytes", base64_encode(v.as_bytes()));
    case Kind::Type:
      return append_member(out, "type", v.as_type());
    case Kind::Duration:
      return append_member(out, "duration", short_duration(v));
    case Kind::List: {
      out += "{\"list\":[";
      for (const Value& item : v.as_list()) {
        if (out.back() != '[') out += ',';
        append_typed(out, item);
      }
      out += "]}";
      return;
    }
    case Kind::Map: {
      out += "{\"map\":[";
      for (const auto& [key, item] : v.as_map()) {
        out += out.back() == '[' ? "[" : ",[";
        append_typed(out, key);
        out += ',';
        append_typed(out, item);
        out += ']';
      }
      out += "]}";
      return;
    }
    case Kind::Int:
      return append_member(out, "int", cel::to_string(v).as_string());
    case Kind::Uint:
      return append_member(out, "uint", cel::to_string(v).as_string());
    case Kind::String:
      return append_member(out, "string", v.as_string());
    case Kind::Timestamp:
      return append_member(out, "timestamp", cel::to_string(v).as_string());
    case Kind::Error:
      break;
  }
  INVARIANT(!v.is_error());
}

}  // namespace fengsui::cli
