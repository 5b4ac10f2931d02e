#include "event/decoder.h"

#include <doctest/doctest.h>

#include "key_files.h"
#include "sample_types.h"

namespace fengsui::event {
namespace {

using namespace std::string_literals;

const std::string kHead = R"({"specversion":"1.0","id":"e1","source":"s/0","type":"sample.all",)"
                          R"("time":"2026-03-01T08:00:00.1239+08:00")";

// An event with these data; `more` goes between the head and the data.
std::string with_data(const std::string& data, const std::string& more = "") {
  return kHead + more + ",\"data\":" + data + "}";
}

// What is wrong with a record: "" or "reason: message".
std::string fault_of(Decoder& decoder, const std::string& text) {
  const std::string exact = text;  // an allocation of just this size: asan sees a read beyond
  const Expected<Event, Rejected> event = decoder.decode(exact);
  if (event) return "";
  return std::string(kRejectionNames[static_cast<size_t>(event.error().reason)]) + ": " +
         event.error().message;
}

std::string slot_json(const Event& event, const char* path) {
  const Field* found = event.type->find(path);
  REQUIRE_MESSAGE(found, path);
  const cel::Value& value = event.slots[static_cast<size_t>(found->slot)];
  if (value.is_error()) {
    return value.error_code() == cel::ErrorCode::MissingParent ? "missing parent" : "missing";
  }
  std::string out;
  cel::append_json(out, value);
  return out;
}

struct Fault {
  std::string text;
  std::string words;  // the rejection starts with these
};

void check_faults(Decoder& decoder, const std::vector<Fault>& cases) {
  for (const Fault& one : cases) {
    const std::string got = fault_of(decoder, one.text);
    const bool as_said = one.words.empty() ? got.empty() : got.starts_with(one.words);
    CHECK_MESSAGE(as_said, one.text.substr(0, 300), "\n  got: ", got);
  }
}

TEST_CASE("the envelope's slots") {
  const EventTypes types = sample_types(Need::Nothing);
  Decoder decoder(types, nullptr, {});
  const Expected<Event, Rejected> event = decoder.decode(with_data(R"({"plain":"x"})"));
  REQUIRE(event);
  CHECK(event->type == types.at("sample.all").get());
  CHECK(format_event_time(event->time) == "2026-03-01T00:00:00.123Z");
  CHECK(event->id() == "e1");
  CHECK(event->source() == "s/0");
  CHECK(event->slots[kSlotType].as_string() == "sample.all");
  CHECK(event->slots[kSlotTime].as_timestamp() == to_instant(event->time));
  CHECK(event->slots.size() == static_cast<size_t>(event->type->slots()));
  CHECK(slot_json(*event, "plain") == "missing");  // not needed
  CHECK(slot_json(*event, "outlet.code") == "missing");
}

TEST_CASE("faults of the text and the envelope") {
  const EventTypes types = sample_types(Need::All);
  Decoder decoder(types, nullptr, {});
  const std::string ok = R"({"plain":"x"})";
  const auto envelope = [](const std::string& id, const std::string& time,
                           const std::string& rest) {
    return R"({"specversion":"1.0","id":)" + id + R"(,"source":"s","type":"sample.all","time":")" +
           time + "\"" + rest + "}";
  };
  const std::string data = ",\"data\":" + ok;
  const std::string noon = "2026-03-01T12:00:00Z";
  check_faults(
      decoder,
      {
          {with_data(ok), ""},
          {" \t" + with_data(ok) + " \r", ""},
          {"", "parse: not JSON: the end where a value should be, at byte 0"},
          {"\xEF\xBB\xBF" + with_data(ok), "parse: not JSON"},
          {with_data(ok) + "x", "parse: not JSON: something after the value"},
          {with_data(ok).substr(0, 90), "parse: not JSON"},
          {with_data("{\"plain\":\"\xc3\x28\"}"), "parse: not UTF-8"},
          {with_data("{\"plain\":\"\xed\xa0\x80\"}"), "parse: not UTF-8"},
          {with_data("{\"plain\":\"\xc0\x80\"}"), "parse: not UTF-8"},
          {with_data("{\"plain\":\"a\0\"}"s), "parse: not JSON: a control character"},
          {with_data(ok) + "\0"s, "parse: not JSON: something after"},
          {"[]", "parse: not an object"},
          {"1", "parse: not an object"},
          {"null", "parse: not an object"},
          {"\"s\"", "parse: not an object"},
          {"{}", "parse: specversion is missing"},
          {kHead + "}", "parse: data is missing"},
          {with_data("[]"), "parse: data is not an object"},
          {with_data("null"), "parse: data is not an object"},
          {with_data("\"{}\""), "parse: data is not an object"},
          {R"({"specversion":1.0,"id":"e"})", "parse: specversion is empty or no string"},
          {R"({"specversion":"1.1","id":"e"})", "parse: specversion is not 1.0"},
          {envelope("\"\"", noon, data), "parse: id is empty or no string"},
          {envelope("7", noon, data), "parse: id is empty or no string"},
          {envelope("null", noon, data), "parse: id is empty or no string"},
          {envelope("\"e\"", "", data), "parse: time is empty"},
          {envelope("\"e\"", "yesterday", data), "parse: time is not"},
          {envelope("\"e\"", "0000-01-01T00:00:00Z", data), "parse: time is not"},
          {envelope("\"e\"", "9999-12-31T23:59:59Z", data), "parse: time is before 1970 or after"},
          {envelope("\"e\"", "1969-12-31T23:59:59.999Z", data), "parse: time is before 1970"},
          {envelope("\"e\"", "1970-01-01T00:00:00Z", data), ""},
          {envelope("\"e\"", "1970-01-01T07:59:59+08:00", data), "parse: time is before"},
          {envelope("\"e\"", "2199-12-31T23:59:59.999999Z", data), ""},
          {envelope("\"e\"", "2200-01-01T00:00:00Z", data), "parse: time is before 1970 or after"},
          {envelope("\"e\"", "2026-02-30T00:00:00Z", data), "parse: time is not"},
          {envelope("\"e\"", noon, data + data), "parse: data is given twice"},
          {envelope("\"e\"", noon, data + R"(,"id":"e")"), "parse: id is given twice"},
          {envelope("\"e\"", noon, data + R"(,"\u0069d":"e")"), "parse: id is given twice"},
          {envelope("\"e\"", noon, data + R"(,"x":1,"x":2)"), ""},
          {R"({"specversion":"1.0","\u0069\u0064":"e","source":"s","type":"sample.all","time":")" +
               noon + "\"" + data + "}",
           ""},
      });
}

TEST_CASE("an unused field is checked as JSON, and no more") {
  const EventTypes types = sample_types(Need::All);
  Decoder decoder(types, nullptr, {});
  const auto unused = [](const std::string& value) {
    return with_data(R"({"plain":"x","unused":)" + value + "}");
  };
  check_faults(decoder, {
                            {unused("1e99999"), ""},
                            {unused("-" + std::string(5000, '9')), ""},
                            {unused("{\"a\":1,\"a\":2}"), ""},
                            {unused("null"), ""},
                            {with_data(R"({"plain":"x","unused":1,"unused":[]})"), ""},
                            {with_data(R"({"plain":"x"})", ",\"ext\":[1e999,null]"), ""},
                            {unused("01x"), "parse: not JSON: a number with a leading zero"},
                            {unused("\"\\q\""), "parse: not JSON: an unknown escape"},
                            {unused("truu"), "parse: not JSON: a word"},
                            {unused("[1 2]"), "parse: not JSON: neither a comma"},
                            {unused("\"\\ud800\""), "parse: not JSON: a lone surrogate"},
                            {with_data(R"({"plain":"x"})", ",\"ext\":01x"), "parse: not JSON"},
                        });
}

TEST_CASE("size and depth have their limits") {
  const EventTypes types = sample_types(Need::All);
  Decoder decoder(types, nullptr, {.record_bytes_max = 4096});
  const auto long_by = [](size_t size) {
    const std::string bare = with_data(R"({"plain":"x","unused":""})");
    return with_data(R"({"plain":"x","unused":")" + std::string(size - bare.size(), 'a') + "\"}");
  };
  const auto deep = [](size_t depth) {  // two are the envelope's and the data's
    return with_data(R"({"plain":"x","unused":)" + std::string(depth - 2, '[') +
                     std::string(depth - 2, ']') + "}");
  };
  CHECK(long_by(4096).size() == 4096);
  check_faults(decoder, {
                            {long_by(4096), ""},
                            {long_by(4097), "parse: longer than 4096 bytes"},
                            {std::string(10'000'000, 'x'), "parse: longer than 4096 bytes"},
                            {deep(512), ""},
                            {deep(513), "parse: not JSON: nested too deeply"},
                            {std::string(4000, '['), "parse: not JSON: nested too deeply"},
                            {with_data(R"({"plain":"y"})"), ""},
                        });
  Decoder shallow(types, nullptr, {.depth_max = 2});
  CHECK(fault_of(shallow, with_data(R"({"plain":"x"})")) == "");
  CHECK(fault_of(shallow, with_data(R"({"plain":"x","tags":[]})")).starts_with("parse"));
}

TEST_CASE("faults of the data") {
  const EventTypes types = sample_types(Need::All);
  Decoder decoder(types, nullptr, {});
  const auto field = [](const std::string& text) {
    return with_data("{\"plain\":\"x\"," + text + "}");
  };
  check_faults(
      decoder,
      {
          {with_data("{}"), "schema: data.plain is missing"},
          {with_data(R"({"plain":null})"), "schema: data.plain is not a string"},
          {with_data(R"({"plain":1})"), "schema: data.plain is not a string"},
          {with_data(R"({"plain":"x","plain":"x"})"), "schema: data.plain is given twice"},
          {with_data(R"({"plain":"x","pl\u0061in":"x"})"), "schema: data.plain is given twice"},
          {field(R"("short":"四个字了")"), ""},
          {field(R"("short":"\ud83d\ude00abc")"), ""},
          {field(R"("short":"五个字多了")"), "schema: data.short is longer than its maxLength"},
          {field(R"("coded":"..AB1..")"), ""},
          {field(R"("coded":"ab1")"), "schema: data.coded does not match its pattern"},
          {field(R"("when":"2026-01-01t00:00:00+23:59")"), ""},
          {field(R"("when":"2026-01-01")"), "schema: data.when is not an RFC 3339 date-time"},
          {field(R"("level":"low")"), ""},
          {field(R"("level":"lo\u0077")"), ""},
          {field(R"("level":"lower")"), "schema: data.level is none of its enum"},
          {field(R"("level":null)"), "schema: data.level is not a string"},
          {field(R"("grams":0)"), ""},
          {field(R"("grams":-0.0)"), ""},
          {field(R"("grams":1000000)"), ""},
          {field(R"("grams":-1e-300)"), "schema: data.grams is below its minimum"},
          {field(R"("grams":1000000.1)"), "schema: data.grams is above its maximum"},
          {field(R"("grams":"1")"), "schema: data.grams is not a number"},
          {field(R"("real":1e308)"), ""},
          {field(R"("real":1e-400)"), ""},
          {field(R"("real":1e309)"), "schema: data.real does not fit a double"},
          {field(R"("real":-1e309)"), "schema: data.real does not fit a double"},
          {field(R"("real":null)"), "schema: data.real is not a number"},
          {field(R"("count":1.0)"), ""},
          {field(R"("count":9223372036854775807)"), ""},
          {field(R"("count":9223372036854775808)"), "schema: data.count is not whole or"},
          {field(R"("count":1.5)"), "schema: data.count is not whole"},
          {field(R"("count":true)"), "schema: data.count is not an integer"},
          {field(R"("digit":2.0)"), ""},
          {field(R"("digit":3)"), "schema: data.digit is none of its enum"},
          {field(R"("age":0)"), "schema: data.age is below its minimum"},
          {field(R"("age":151)"), "schema: data.age is above its maximum"},
          {field(R"("open":"true")"), "schema: data.open is not a boolean"},
          {field(R"("open":0)"), "schema: data.open is not a boolean"},
          {field(R"("secret":1)"), "schema: data.secret is not a string"},
          {field(R"("hidden":{"part":1})"), "schema: data.hidden.part is not a string"},
          {field(R"("outlet":[])"), "schema: data.outlet is not an object"},
          {field(R"("outlet":{})"), "schema: data.outlet.code is missing"},
          {field(R"("outlet":{"code":"c","code":"c"})"), "schema: data.outlet.code is given twice"},
          {field(R"("outlet":{"code":"c","spot":{"x":"1"}})"), "schema: data.outlet.spot.x is not"},
          {field(R"("goods":{})"), "schema: data.goods is not an array"},
          {field(R"("goods":[{"weight":1},{}])"), "schema: data.goods[].weight is missing"},
          {field(R"("goods":[{"weight":1},{"weight":1}])"), ""},
          {field(R"("goods":[{"weight":1,"weight":1}])"), "schema: data.goods[].weight is given"},
          {field(R"("goods":[null])"), "schema: data.goods[] is not an object"},
          {field(R"("tags":["a",1])"), "schema: data.tags[] is not a string"},
          {field(R"("tags":[])"), ""},
          {field(R"("any":[1e999,null,{"a":1,"a":2},[[]],"x",true])"), ""},
          {field(R"("any":null)"), "schema: data.any is not an array"},
          {field(R"("odd\"\\name":1)"), ""},
          {field(R"("odd\"\\name":"1")"), "schema: data.odd\"\\name is not an integer"},
      });
}

TEST_CASE("the first reason of several: text, envelope, type, schema, identity") {
  const EventTypes types = sample_types(Need::All);
  Decoder decoder(types, nullptr, {});
  const std::string bad_data = R"({"person":"P","plain":1,"outlet":{"code":[{"a":[1]}]}})";
  const std::string no_time = R"({"specversion":"1.0","id":"e","source":"s","type":"sample.all")";
  const std::string unknown =
      R"({"specversion":"1.0","id":"e","source":"s","type":"other","time":"2026-03-01T12:00:00Z")";
  check_faults(decoder,
               {
                   {kHead + ",\"data\":" + bad_data + ",\"x\":truu}", "parse: not JSON"},
                   {kHead + ",\"data\":" + bad_data + ",\"id\":\"e\"}", "parse: id is given twice"},
                   {kHead + ",\"data\":" + bad_data + "}", "schema: data.plain is not a string"},
                   {no_time + ",\"data\":" + bad_data + "}", "parse: time is missing"},
                   {unknown + ",\"data\":" + bad_data + "}", "unknown_type: no schema"},
                   {unknown + ",\"data\":" + bad_data + ",\"data\":1}", "parse: data is given"},
                   {unknown + ",\"data\":1}", "parse: data is not an object"},
                   {unknown + "}", "parse: data is missing"},
                   {kHead + R"(,"data":{"person":"P","plain":"x"},"source":"s"})", "parse: source"},
                   {kHead + R"(,"data":{"person":"P","plain":"x"}})", "identity: data.person"},
                   {kHead + R"(,"data":{"person":"P","plain":"x","open":1}})", "schema: data.open"},
               });
}

TEST_CASE("the envelope's names come in any order") {
  const EventTypes types = sample_types(Need::All);
  Decoder decoder(types, nullptr, {});
  const std::string tail =
      R"("id":"e\u0031","type":"s\u0061mple.all","source":"s\/0","specversion":"1.0")";
  const std::string time = R"("time":"2026-03-01T00:00:00\u005a")";
  for (const std::string& text :
       {R"({"data":{"plain":"x\n","outlet":{"code":"c"}},)" + tail + "," + time + "}",
        "{" + time + R"(,"data":{"plain":"x\n","outlet":{"code":"c"}},)" + tail + "}",
        "{" + tail + "," + time +
            R"(,"data":{"outlet":{"code":"c"},"plain":"x\n"},"z":{"data":1}})"}) {
    const Expected<Event, Rejected> event = decoder.decode(text);
    REQUIRE_MESSAGE(event, event.error().message);
    CHECK(event->id() == "e1");
    CHECK(event->source() == "s/0");
    CHECK(slot_json(*event, "plain") == "\"x\\n\"");
    CHECK(slot_json(*event, "outlet.code") == "\"c\"");
  }
  CHECK(fault_of(decoder, R"({"data":{"plain":1},)" + tail + "," + time + "}")
            .starts_with("schema: data.plain"));
  CHECK(fault_of(decoder, R"({"data":{"plain":1},)" + tail + "}") == "parse: time is missing");
}

TEST_CASE("values in their slots") {
  const EventTypes types = sample_types(Need::All);
  Decoder decoder(types, nullptr, {});
  const Expected<Event, Rejected> event = decoder.decode(with_data(
      R"({"tags":["a","b\t"],"count":1e18,"real":7,"grams":0.1,"open":false,)"
      R"("secret":"s","plain":"汉\u5b57",)"
      R"("outlet":{"secret":"s","spot":{"y":-0.0,"x":2e3},"code":"c","other":1},)"
      R"("goods":[{"kind":"k","weight":1,"secret":"s","extra":{},"person":{"p":"t"}},)"
      R"({"weight":2.5}],)"
      R"("any":[1,"x",[true,null],{"a":1},-1e999],"person":{"safety":"p1.k1.x","q":"t","q":"u"},)"
      R"("hidden":{"part":"h"}})"));
  REQUIRE_MESSAGE(event, event.error().message);
  const std::pair<const char*, const char*> cases[] = {
      {"tags", R"(["a","b\t"])"},
      {"count", "1000000000000000000"},
      {"real", "7.0"},
      {"grams", "0.1"},
      {"open", "false"},
      {"plain", "\"汉字\""},
      {"outlet", R"({"code":"c","spot":{"x":2000.0,"y":-0.0}})"},
      {"outlet.code", "\"c\""},
      {"outlet.open", "missing"},
      {"outlet.spot", R"({"x":2000.0,"y":-0.0})"},
      {"outlet.spot.x", "2000.0"},
      {"goods", R"([{"weight":1.0,"kind":"k"},{"weight":2.5}])"},
      {"any", R"([1.0,"x",[true,null],{},"-Infinity"])"},
      {"person", R"({"safety":"p1.k1.x","q":"u"})"},
      {"level", "missing"},
  };
  for (const auto& [path, json] : cases) CHECK_MESSAGE(slot_json(*event, path) == json, path);
}

TEST_CASE("a field that is not there, and one whose object is not there") {
  const EventTypes types = sample_types(Need::All);
  Decoder decoder(types, nullptr, {});
  const Expected<Event, Rejected> none = decoder.decode(with_data(R"({"plain":"x"})"));
  REQUIRE(none);
  CHECK(slot_json(*none, "outlet") == "missing");
  CHECK(slot_json(*none, "outlet.code") == "missing parent");
  CHECK(slot_json(*none, "outlet.spot.x") == "missing parent");
  const Expected<Event, Rejected> outer =
      decoder.decode(with_data(R"({"plain":"x","outlet":{"code":"c"}})"));
  REQUIRE(outer);
  CHECK(slot_json(*outer, "outlet.open") == "missing");
  CHECK(slot_json(*outer, "outlet.spot") == "missing");
  CHECK(slot_json(*outer, "outlet.spot.x") == "missing parent");
  const Expected<Event, Rejected> inner =
      decoder.decode(with_data(R"({"plain":"x","outlet":{"spot":{},"code":"c"}})"));
  REQUIRE(inner);
  CHECK(slot_json(*inner, "outlet.spot") == "{}");
  CHECK(slot_json(*inner, "outlet.spot.x") == "missing");
}

TEST_CASE("a part is read without its object, and what is not needed is left out") {
  auto type = sample_type(Need::Nothing);
  type->need(type->find("outlet.spot.x")->slot);
  EventTypes types;
  types.emplace("sample.all", type);
  Decoder decoder(types, nullptr, {});
  const Expected<Event, Rejected> event = decoder.decode(
      with_data(R"({"plain":"x","outlet":{"code":"c","spot":{"x":1,"y":2}},"tags":["a"]})"));
  REQUIRE(event);
  CHECK(slot_json(*event, "outlet.spot.x") == "1.0");
  for (const char* path : {"outlet", "outlet.spot", "outlet.code", "outlet.spot.y", "tags"}) {
    CHECK_MESSAGE(slot_json(*event, path) == "missing", path);
  }
  CHECK(fault_of(decoder, with_data(R"({"plain":"x","tags":[1]})")).starts_with("schema"));
}

TEST_CASE("identity fields leave as tokens or not at all") {
  const KeyFolder folder;
  const Expected<KeyRing> ring = KeyRing::load(folder.write(sample_keys()));
  const Expected<KeyRing> sealing_only =
      KeyRing::load_or_make_dead_letter_key(folder.path("made.yaml"));
  REQUIRE(ring);
  REQUIRE(sealing_only);
  const EventTypes types = sample_types(Need::All);
  Decoder with_keys(types, &*ring, {});
  Decoder without_keys(types, &*sealing_only, {});
  const auto person = [](const std::string& value) {
    return with_data(R"({"plain":"x","person":)" + value + "}");
  };
  const Expected<Event, Rejected> event =
      with_keys.decode(person("\"张三 \\u0031\\u0031\\u0030\""));
  REQUIRE_MESSAGE(event, event.error().message);
  CHECK(slot_json(*event, "person") == R"({"fraud_victim":"p1.k2.rgEgd60DVmya8TpoAoXFpw"})");
  CHECK(fault_of(without_keys, person("\"P\"")).starts_with("identity: data.person is a string"));
  for (Decoder* decoder : {&with_keys, &without_keys}) {
    check_faults(*decoder,
                 {
                     {person(R"({"safety":"t"})"), ""},
                     {person("{}"), ""},
                     {person(R"({"safety":""})"), "schema: data.person has a token"},
                     {person(R"({"safety":1})"), "schema: data.person has a token"},
                     {person(R"({"safety":{}})"), "schema: data.person has a token"},
                     {person("null"), "schema: data.person is neither"},
                     {person("[\"P\"]"), "schema: data.person is neither"},
                     {person("\"" + std::string(21, 'p') + "\""), "schema: data.person is"},
                     {person(R"({"safety":")" + std::string(21, 'p') + "\"}"), ""},
                 });
  }
  // A feed whose purposes have no key at all.
  EventTypes keyless;
  keyless.emplace("sample.keyless", sample_type(Need::All, "sample.keyless"));
  Decoder decoder(keyless, &*ring, {});
  std::string text = person("\"P\"");
  text.replace(text.find("sample.all"), 10, "sample.keyless");
  CHECK(fault_of(decoder, text).starts_with("identity: data.person"));
}

TEST_CASE("the tripwire") {
  const KeyFolder folder;
  const Expected<KeyRing> ring = KeyRing::load(folder.write(sample_keys()));
  REQUIRE(ring);
  const EventTypes types = sample_types(Need::All);
  Decoder off(types, &*ring, {});
  Decoder on(types, &*ring, {.tripwire = true});
  const std::string trips[] = {
      with_data(R"({"plain":"call 13800138000"})"),
      with_data(R"({"plain":"call \u00313800138000"})"),
      with_data(R"({"plain":"x","unused":[{"a":"440524188001010014"}]})"),
      with_data(R"({"plain":"x","secret":"13800138000"})"),
      with_data(R"({"plain":"x","tags":["13800138000"]})"),
      with_data(R"({"plain":"x","any":[["13800138000"]]})"),
      with_data(R"({"plain":"x","goods":[{"weight":1,"kind":"13800138000"}]})"),
      with_data(R"({"plain":"x"})", R"(,"subject":"13800138000")"),
      R"({"subject":["13800138000"],"data":{"plain":"x"},)" + kHead.substr(1) + "}",
      R"({"data":{"plain":"13800138000"},)" + kHead.substr(1) + "}",
  };
  for (const std::string& text : trips) {
    CHECK_MESSAGE(fault_of(off, text) == "", text);
    CHECK_MESSAGE(fault_of(on, text).starts_with("identity: "), text, fault_of(on, text));
    CHECK(fault_of(on, text).find("138") == std::string::npos);
  }
  std::string id = with_data(R"({"plain":"x"})");
  id.replace(id.find("e1"), 2, "13800138000");
  CHECK(fault_of(on, id).starts_with("identity: the envelope"));
  check_faults(on, {
                       {with_data(R"({"plain":"x","person":"13800138000"})"), ""},
                       {with_data(R"({"plain":"x","person":{"safety":"13800138000"}})"), ""},
                       {with_data(R"({"plain":"x","unused":13800138000})"), ""},
                       {with_data(R"({"plain":"x","13800138000":1})"), ""},
                       {with_data(R"({"plain":"13800138000","open":1})"), "schema: data.open"},
                       {with_data(R"({"plain":"a13800138000"})"), ""},
                   });
}

TEST_CASE("a message holds nothing of the record") {
  const EventTypes types = sample_types(Need::All);
  Decoder decoder(types, nullptr, {});
  const std::string mark = "zqzq";
  for (const std::string& text :
       {with_data(R"({"plain":"x","level":"zqzq"})"), with_data(R"({"plain":"x","person":"zqzq"})"),
        with_data(R"({"plain":"x","person":{"zqzq":1}})"), with_data(R"({"zqzq":1})"),
        R"({"specversion":"zqzq"})"s, "{\"id\":zqzq}"s}) {
    const std::string fault = fault_of(decoder, text);
    CHECK(fault != "");
    CHECK_MESSAGE(fault.find(mark) == std::string::npos, fault);
  }
  std::string unknown = with_data("{}");
  unknown.replace(unknown.find("sample.all"), 10, mark);
  CHECK(fault_of(decoder, unknown) == "unknown_type: no schema for this type");
}

}  // namespace
}  // namespace fengsui::event
