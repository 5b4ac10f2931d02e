// The bet on shapes changes no result: records and their mutants decode to the same, byte for byte,
// by a decoder that bets, into an event used again, and by one that does not.
#include <doctest/doctest.h>

#include <random>

#include "decoded_text.h"
#include "event/shape_reader.h"
#include "key_files.h"
#include "sample_types.h"

namespace fengsui::event {
namespace {

std::string record(const std::string& data, const std::string& more = "") {
  return R"({"specversion":"1.0","id":"a-1","source":"s/1","type":"sample.all",)"
         R"("time":"2026-03-01T08:00:00.250Z",)" +
         more + R"("data":)" + data + "}";
}

const std::vector<std::string>& records() {
  static const std::vector<std::string> kRecords = {
      record(R"({"plain":"p"})"),
      record(R"({"plain":"\u6c49\n","level":"low","grams":12.5,"count":7,"open":true})"),
      record("{\"plain\":\"\xe6\xb1\x89\xe5\xad\x97\",\"short\":\"\xe6\xb1\x89\"}"),
      record(R"({"plain":"","real":-0.0,"count":-0,"open":false,"grid":"6205"})"),
      record(R"({"plain":"p","real":1e-7,"count":9223372036854775807,"grams":0})"),
      record(R"({"plain":"p","real":123456789012345678,"count":123456789012345678})"),
      record(R"({"plain":"p","real":0.1234567890123456789,"digit":2})"),
      record(R"({"plain":"p","age":150})"),
      record(R"({"plain":"p","age":9,"grams":999999,"short":"abcd","level":"high"})"),
      record(R"({"plain":"p","grams":1000000})"),
      record(R"({"plain":"p","real":9.876543210987654})"),
      record(R"({"plain":"p","coded":"XY9"})"),
      record(R"({"plain":"p","when":"2026-02-28T23:59:59Z"})"),
      record(R"({"plain":"p","coded":"AB1","when":"2026-03-01T00:00:00+08:00","secret":"x"})"),
      record(R"({"plain":"p","outlet":{"code":"c","open":true,"spot":{"x":1,"y":2.5}}})"),
      record(R"({"outlet":{"code":"c","spot":{}},"hidden":{"part":"h"},"plain":"p"})"),
      record(R"({"plain":"p","tags":["a","b"],"goods":[{"weight":1}],"any":[1,{}]})"),
      record(R"({"plain":"p","person":"Zhang"})"),
      record(R"({"plain":"p","person":{"safety":"p1.k.t"}})"),
      record(R"({"plain":"call 13800138000 now"})"),
      record(R"({"plain":"p","more":"110101199003070070","less":{"a":null,"a":-1.5e3}})"),
      record(R"({"plain":"p","odd\"\\name":1})"),
      record(R"({"plain":"p"})", R"("subject":"s","n":12,"w":null,"b":true,"o":{"x":"y"},)"),
      R"({"data":{"plain":"p"},"time":"2199-12-31T23:59:59.999Z","type":"sample.all",)"
      R"("source":"s","id":"i","specversion":"1.0"})",
      " { \"id\" : \"i\" , \"source\" : \"s\" , \"specversion\" : \"1.0\" , \"type\" : "
      "\"sample.all\" , \"time\" : \"1970-01-01T00:00:00.000Z\" , \"data\" : { \"plain\" : \"p\" , "
      "\"count\" : 1 } } \r\n",
  };
  return kRecords;
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}
  size_t below(size_t n) { return random_() % n; }

  std::string mutant(std::string text) {
    for (size_t n = 1 + below(3); n > 0 && !text.empty(); --n) mutate(text);
    return text;
  }

 private:
  void mutate(std::string& text) {
    static const std::vector<std::string> kPieces = {"\"",
                                                     "\\",
                                                     "\\u00e9",
                                                     "\\ud800",
                                                     "\n",
                                                     "\x7f",
                                                     std::string(1, '\0'),
                                                     "\xc3",
                                                     "\xe6\xb1\x89",
                                                     "\xff",
                                                     "0",
                                                     "01",
                                                     "-",
                                                     "-0",
                                                     ".",
                                                     "1.",
                                                     "e5",
                                                     "1e400",
                                                     "1e-400",
                                                     "99999999999999999999",
                                                     "0.30000000000000004",
                                                     "true",
                                                     "fals",
                                                     "null",
                                                     "{",
                                                     "}",
                                                     "[",
                                                     "]",
                                                     ",",
                                                     ":",
                                                     " ",
                                                     "{}",
                                                     "13800138000",
                                                     "24:00",
                                                     "60",
                                                     "2026-02-30",
                                                     "T",
                                                     "z",
                                                     "+08:00",
                                                     "\"plain\":\"q\",",
                                                     "\"unknown\":[1 2],"};
    const size_t at = below(text.size());
    switch (below(6)) {
      case 0:
        text.insert(at, kPieces[below(kPieces.size())]);
        break;
      case 1: {
        const std::string& piece = kPieces[below(kPieces.size())];
        text.replace(at, std::min(piece.size(), text.size() - at), piece);
        break;
      }
      case 2:
        text.erase(at, 1 + below(4));
        break;
      case 3: {  // one digit for another keeps the shape, and often the rules
        const size_t digit = text.find_first_of("0123456789", at);
        if (digit != text.npos) text[digit] = static_cast<char>('0' + below(10));
        break;
      }
      case 4:
        text[at] = static_cast<char>(text[at] ^ static_cast<char>(1U << below(8)));
        break;
      default: {
        const std::string& other = records()[below(records().size())];
        const size_t from = below(other.size());
        text.replace(at, below(30), other.substr(from, below(30)));
      }
    }
  }

  std::mt19937_64 random_;
};

struct Tally {
  int taken = 0, refused = 0;
};

Tally compare_ways(const EventTypes& types, const KeyRing* keys, DecodeOptions options,
                   unsigned seed) {
  Decoder betting(types, keys, options);
  options.bet = false;
  Decoder sure(types, keys, options);
  Event used_again;
  Mutator mutator(seed);
  Tally tally;
  for (int i = 0; i < 20'000; ++i) {
    const std::string& base = records()[mutator.below(records().size())];
    const std::string text = mutator.below(4) == 0 ? base : mutator.mutant(base);
    Event fresh;
    const std::optional<Rejected> expected = sure.decode_into(text, fresh);
    const std::optional<Rejected> got = betting.decode_into(text, used_again);
    ++(expected ? tally.refused : tally.taken);
    REQUIRE_MESSAGE(decoded_text(got, used_again) == decoded_text(expected, fresh), text);
  }
  return tally;
}

TEST_CASE("the bet on shapes changes no result") {
  const KeyFolder folder;
  const Expected<KeyRing> ring = KeyRing::load(folder.write(sample_keys()));
  REQUIRE(ring);
  unsigned seed = 500;
  for (const Need need : {Need::All, Need::Nothing}) {
    for (const KeyRing* keys : {static_cast<const KeyRing*>(nullptr), &*ring}) {
      for (const bool tripwire : {false, true}) {
        // Objects with a slot are kept with Need::All; without one they have shapes.
        const Tally tally = compare_ways(sample_types(need), keys, {.tripwire = tripwire}, ++seed);
        CHECK(tally.taken > 4000);
        CHECK(tally.refused > 4000);
      }
    }
  }
}

// A type whose scalars are all needed and whose objects are not.
EventTypes scalars_needed() {
  Field spot = object("spot", {field("x", FieldType::Number), field("y", FieldType::Number)});
  Field outlet = object("outlet", {field("code", FieldType::String), spot});
  auto type = std::make_shared<EventType>("sample.all", "",
                                          object("", {field("plain", FieldType::String), outlet}));
  for (const Field* one : type->fields()) {
    if (one->type != FieldType::Object && one->slot >= 0) type->need(one->slot);
  }
  EventTypes types;
  types.emplace("sample.all", std::move(type));
  return types;
}

TEST_CASE("the bet on shapes blanks what a record does not have") {
  const EventTypes types = scalars_needed();
  compare_ways(types, nullptr, {}, 77);
  compare_ways(types, nullptr, {.keep_all = true}, 78);
}

TEST_CASE("the bet on shapes reads numbers as exactly") {
  const EventTypes types = sample_types(Need::All);
  Decoder betting(types, nullptr, {});
  Decoder sure(types, nullptr, {.bet = false});
  Event used_again;
  Event fresh;
  std::mt19937_64 random(9);
  for (int i = 0; i < 20'000; ++i) {
    std::string number;
    for (size_t n = 1 + random() % 20; n > 0; --n) number += static_cast<char>('0' + random() % 10);
    if (number[0] == '0') number[0] = '9';
    if (random() % 8 != 0) {
      number.insert(1 + random() % number.size(), ".");
      if (number.back() == '.') number += '5';
    }
    const std::string text = record(R"({"plain":"p","real":)" + number + "}");
    REQUIRE_FALSE(sure.decode_into(text, fresh));
    REQUIRE_FALSE(betting.decode_into(text, used_again));
    CHECK_MESSAGE(decoded_text({}, used_again) == decoded_text({}, fresh), number);
  }
}

// The reader by itself: that it does bet, and on what.
class Bet {
 public:
  bool learn_then_read(const std::string& learnt, const std::string& text) {
    Decoder sure(types_, nullptr, {.bet = false});
    REQUIRE_FALSE(sure.decode_into(learnt, event_));
    ShapeReader reader(nullptr, true);
    reader.learn(learnt, plan_);
    const std::string padded = text + std::string(ShapeReader::kPadding, '\0');
    return reader.read(std::string_view(padded).substr(0, text.size()), event_);
  }

 private:
  EventTypes types_ = sample_types(Need::All);
  TypePlan plan_ = make_plan(*types_.at("sample.all"), nullptr);
  Event event_;
};

TEST_CASE("a known shape is read with other values") {
  Bet bet;
  const std::string learnt = record(R"({"plain":"p","count":1,"grams":2,"open":true,"x":"y"})");
  CHECK(bet.learn_then_read(
      learnt, record(R"({"plain":"","count":-25,"grams":0.5,"open":false,"x":"longer than it"})")));
  for (const char* data : {
           R"({"plain":"p","count":1,"grams":2,"open":true,"x":"13800138000"})",
           R"({"plain":"\n","count":1,"grams":2,"open":true,"x":"y"})",
           R"({"plain":"p","count":01,"grams":2,"open":true,"x":"y"})",
           R"({"plain":"p","count":1,"grams":-2,"open":true,"x":"y"})",
           R"({"plain":"p","count":1,"grams":2,"open":tru,"x":"y"})",
           R"({"plain":"p","plain":1,"grams":2,"open":true,"x":"y"})",
           R"({"plain":"p","count":1,"grams":2,"open":true,"x":"y"} )",
       }) {
    CHECK_FALSE(bet.learn_then_read(learnt, record(data)));
  }
}

}  // namespace
}  // namespace fengsui::event
