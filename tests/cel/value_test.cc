#include "cel/value.h"

#include <doctest/doctest.h>

#include <limits>

#include "cel/stored_value.h"
#include "expression_case.h"

using namespace fengsui;
using namespace fengsui::cel;
using namespace fengsui::cel::test;

namespace {

std::string encoded(const Value& v) {
  std::string out;
  ByteWriter writer(out);
  encode_value(writer, v);
  return out;
}

Value map_of(std::initializer_list<std::pair<Value, Value>> entries) {
  return Value::map(MapValue(entries));
}

// One of each kind, and the edges of their ranges.
std::vector<Value> samples() {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<Value> out = {
      Value(),
      Value::boolean(true),
      Value::boolean(false),
      Value::integer(0),
      Value::integer(INT64_MIN),
      Value::integer(INT64_MAX),
      Value::uinteger(0),
      Value::uinteger(UINT64_MAX),
      Value::real(0.1),
      Value::real(-0.0),
      Value::real(nan),
      Value::real(std::numeric_limits<double>::infinity()),
      Value::string(""),
      Value::string(std::string("a\0中", 5)),
      Value::bytes("\xff"),
      Value::timestamp({-62135596800, 0}),
      Value::timestamp({253402300799, 999999999}),
      Value::duration({-315576000000, -1}),
      Value::duration({0, 500000000}),
      Value::list({}),
      Value::map({}),
      Value::type("int"),
      Value::missing(),
      Value::error(ErrorCode::Empty),
      Value::error(ErrorCode::OutOfRange, "why"),
  };
  out.push_back(Value::list(ListValue(out.begin(), out.end())));
  out.push_back(map_of({{Value::string("k"), out.back()}, {Value::integer(1), Value()}}));
  return out;
}

}  // namespace

TEST_CASE("every value reads back as it was written") {
  std::string all;
  ByteWriter writer(all);
  for (const Value& v : samples()) encode_value(writer, v);
  ByteReader reader(all);
  for (const Value& v : samples()) {
    const Value back = decode_value(reader);
    REQUIRE(reader.ok());
    CHECK(back.kind() == v.kind());
    CHECK(encoded(back) == encoded(v));
    if (v.is_error()) CHECK(back.error_text() == v.error_text());
  }
  CHECK(reader.at_end());
}

TEST_CASE("a value's bytes fit the room that is asked for") {
  for (const Value& v : samples()) {
    std::string room(encoded_size_max(v), '\0');
    RoomWriter writer{RoomOut(room.data())};
    encode_value(writer, v);
    const auto size = static_cast<size_t>(writer.out().end() - room.data());
    REQUIRE(size <= room.size());
    CHECK(room.substr(0, size) == encoded(v));
    const auto text = stored_text(ByteReader(encoded(v)));
    CHECK(text.has_value() == (v.kind() == Kind::String));
  }
  CHECK(stored_text(ByteReader(encoded(Value::string("门牌")))) == "门牌");
}

TEST_CASE("bytes that are no value are told, and read no further than their end") {
  for (const Value& v : samples()) {
    const std::string bytes = encoded(v);
    for (size_t size = 0; size < bytes.size(); ++size) {
      ByteReader reader(std::string_view(bytes).substr(0, size));
      decode_value(reader);
      CHECK_FALSE(reader.ok());
    }
    // Any byte may be another: no crash, no endless loop.
    for (size_t i = 0; i < std::min<size_t>(bytes.size(), 200); ++i) {
      for (const int flip : {0x01, 0x80, 0xff}) {
        std::string broken = bytes;
        broken[i] = static_cast<char>(broken[i] ^ flip);
        ByteReader reader(broken);
        decode_value(reader);
      }
    }
  }
  const char* const bad[] = {"\x20", "\xff", "\x0b\xff\xff\xff\xff\x0f", "\x00\x7f"};
  for (const char* bytes : bad) {
    ByteReader reader{std::string_view(bytes, 1 + std::string_view(bytes + 1).size())};
    decode_value(reader);
    CHECK_FALSE(reader.ok());
  }
  Value deep = Value::integer(1);
  for (int i = 0; i < 700; ++i) deep = Value::list({deep});
  const std::string too_deep = encoded(deep);
  ByteReader reader(too_deep);
  decode_value(reader);
  CHECK_FALSE(reader.ok());
}

TEST_CASE("values as JSON") {
  struct Case {
    Value value;
    const char* wanted;
  };
  const Case cases[] = {
      {Value(), "null"},
      {Value::integer(-3), "-3"},
      {Value::uinteger(UINT64_MAX), "18446744073709551615"},
      {Value::real(4.5), "4.5"},
      {Value::real(std::numeric_limits<double>::infinity()), "\"Infinity\""},
      {Value::real(-std::numeric_limits<double>::infinity()), "\"-Infinity\""},
      {Value::real(std::numeric_limits<double>::quiet_NaN()), "\"NaN\""},
      {Value::string("a\"\n中"), "\"a\\\"\\n中\""},
      {Value::bytes(std::string("\0\xff", 2)), "\"AP8=\""},
      {Value::timestamp({0, 120000000}), "\"1970-01-01T00:00:00.120Z\""},
      {Value::duration({-1, -500000000}), "\"-1.500s\""},
      {Value::duration({0, -1}), "\"-0.000000001s\""},
      {Value::type("map"), "\"map\""},
      {Value::list({Value::integer(1), Value::list({})}), "[1,[]]"},
      {map_of({{Value::boolean(true), Value::integer(1)},
               {Value::integer(-1), Value()},
               {Value::uinteger(7), Value()},
               {Value::string("k"), Value::map({})}}),
       "{\"true\":1,\"-1\":null,\"7\":null,\"k\":{}}"},
  };
  for (const Case& c : cases) {
    std::string json;
    append_json(json, c.value);
    CHECK(json == c.wanted);
  }
}

TEST_CASE("numbers compare by exact value, whatever their type") {
  const Value nan = Value::real(std::numeric_limits<double>::quiet_NaN());
  struct Case {
    Value a, b;
    int wanted;
  };
  const Case cases[] = {
      {Value::integer(1), Value::real(1.0), 0},
      {Value::integer(1), Value::uinteger(1), 0},
      {Value::integer(-1), Value::uinteger(UINT64_MAX), -1},
      {Value::integer(9007199254740993), Value::real(9007199254740992.0), 1},
      {Value::integer(INT64_MAX), Value::real(9223372036854775808.0), -1},
      {Value::integer(INT64_MIN), Value::real(-9223372036854775808.0), 0},
      {Value::uinteger(UINT64_MAX), Value::real(18446744073709551616.0), -1},
      {Value::integer(1), Value::real(1.5), -1},
      {Value::integer(-1), Value::real(-1.5), 1},
      {Value::uinteger(0), Value::real(-0.5), 1},
      {Value::integer(0), Value::real(-0.0), 0},
      {Value::integer(0), Value::real(1e300), -1},
      {Value::integer(0), nan, 2},
      {nan, nan, 2},
      {Value::string("a"), Value::integer(1), 2},
      {Value::string("é"), Value::string("z"), 1},
      {Value::string("\xef\xbf\xbf"), Value::string("😀"), -1},
      {Value::boolean(false), Value::boolean(true), -1},
      {Value::list({}), Value::list({}), 2},
  };
  for (const Case& c : cases) {
    CAPTURE(shown(c.a));
    CAPTURE(shown(c.b));
    CHECK(compare(c.a, c.b) == c.wanted);
    CHECK(compare(c.b, c.a) == (c.wanted == 2 ? 2 : -c.wanted));
    if (c.a.kind() != Kind::List) CHECK(equal(c.a, c.b) == (c.wanted == 0));
    if (c.wanted == 0) CHECK(hash_value(c.a) == hash_value(c.b));
  }
}

TEST_CASE("maps are equal whatever the order of their entries") {
  const Value a = map_of({{Value::string("x"), Value::integer(1)}, {Value::integer(2), Value()}});
  const Value b = map_of(
      {{Value::real(2) /* no key of CEL's */, Value()}, {Value::string("x"), Value::uinteger(1)}});
  CHECK(equal(a, b));
  CHECK(hash_value(a) == hash_value(b));
  CHECK_FALSE(equal(a, map_of({{Value::string("x"), Value::integer(1)}})));
  CHECK(find_entry(a, "x")->as_int() == 1);
  CHECK(find_entry(a, "y") == nullptr);
  CHECK(find_entry(a, Value::uinteger(2)) != nullptr);
}

TEST_CASE("types") {
  using K = Type::Kind;
  const Type strings = Type::list_of(Type::of(K::String));
  const Type record = Type::map_of(Type::of(K::String), Type());
  CHECK(strings.text() == "list(string)");
  CHECK(record.text() == "map(string, dyn)");
  CHECK(same_type(strings, Type::list_of(Type::of(K::String))));
  CHECK_FALSE(same_type(strings, Type::list_of(Type())));
  CHECK(assignable(strings, Type::list_of(Type())));
  CHECK(assignable(Type(), strings));
  CHECK_FALSE(assignable(strings, Type::list_of(Type::of(K::Int))));
  CHECK_FALSE(assignable(Type::of(K::Int), Type::of(K::Double)));
  CHECK_FALSE(assignable(Type::of(K::KeywordSet), Type()));
  CHECK(assignable(Type::of(K::ListTable), Type::of(K::ListTable)));
}
