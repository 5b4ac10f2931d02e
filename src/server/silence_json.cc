#include "server/silence_json.h"

#include <nlohmann/json.hpp>

#include "server/request_text.h"

namespace fengsui::server {
namespace {

using Json = nlohmann::ordered_json;
using dispatch::Matcher;
using dispatch::Matchers;
using dispatch::Silence;

constexpr int64_t kIdMax = 100, kAuthorMax = 100, kReasonMax = 1000;  // characters
constexpr size_t kMatchersMax = 100;

Error bad(std::string what) { return Error::bad_input(std::move(what)); }

Expected<bool> flag(const Json& object, const char* key, bool otherwise) {
  const auto at = object.find(key);
  if (at == object.end()) return otherwise;
  if (!at->is_boolean()) return fail(bad(std::string("`") + key + "` is true or false."));
  return at->get<bool>();
}

Expected<void> add_matcher(const Json& one, Matchers& matchers) {
  if (one.is_string()) {
    Expected<Matchers> read = dispatch::parse_matchers(one.get<std::string>());
    if (!read) return fail(bad("A matcher cannot be read: " + read.error().message));
    matchers.insert(matchers.end(), read->begin(), read->end());
    return {};
  }
  const auto is_text = [&](const char* key) { return one.contains(key) && one[key].is_string(); };
  if (!one.is_object() || !is_text("name") || !is_text("value") ||
      one["name"].get<std::string>().empty()) {
    return fail(bad("A matcher is {name, value, isRegex, isEqual}, or a text: `grade=\"blue\"`."));
  }
  const Expected<bool> regex = flag(one, "isRegex", false);
  if (!regex) return fail(regex.error());
  const Expected<bool> equal = flag(one, "isEqual", true);
  if (!equal) return fail(equal.error());
  using Op = Matcher::Op;
  const Op op = *regex ? (*equal ? Op::Regex : Op::NotRegex) : (*equal ? Op::Equal : Op::NotEqual);
  Expected<Matcher> made =
      Matcher::make(op, one["name"].get<std::string>(), one["value"].get<std::string>());
  if (!made) return fail(bad(made.error().message));
  matchers.push_back(std::move(*made));
  return {};
}

Expected<void> read_matchers(const Json& list, Matchers& matchers) {
  if (list.is_string()) return add_matcher(list, matchers);
  if (!list.is_array()) return fail(bad("`matchers` is a list."));
  if (list.size() > kMatchersMax) return fail(bad("`matchers` are 100 at most."));
  for (const Json& one : list) {
    if (Expected<void> added = add_matcher(one, matchers); !added) return added;
  }
  return {};
}

Expected<void> read_time(const std::string& key, const Json& value, EventTime& out) {
  const std::optional<Instant> instant =
      value.is_string() ? parse_rfc3339(value.get<std::string>()) : std::nullopt;
  if (!instant) return fail(bad("`" + key + "` is a time: 2026-03-01T08:00:00Z."));
  out = to_event_time(*instant);
  if (out < kEventTimeMin || out > kEventTimeMax) {
    return fail(bad("`" + key + "` is a time from 1970 to 2199."));
  }
  return {};
}

Expected<void> read_text(const std::string& key, const Json& value, int64_t most,
                         std::string& out) {
  Expected<std::string> text = request_text(key, value, most);
  if (!text) return fail(text.error());
  out = std::move(*text);
  return {};
}

Expected<void> read_member(const std::string& key, const Json& value, Silence& silence) {
  if (key == "id") return read_text(key, value, kIdMax, silence.id);
  if (key == "matchers") return read_matchers(value, silence.matchers);
  if (key == "startsAt") return read_time(key, value, silence.starts);
  if (key == "endsAt") return read_time(key, value, silence.ends);
  if (key == "createdBy") return read_text(key, value, kAuthorMax, silence.author);
  if (key == "comment") return read_text(key, value, kReasonMax, silence.reason);
  // What was read before may be sent back.
  if (key == "status" || key == "updatedAt") return {};
  return fail(bad("`" + key +
                  "` is no key of a silence: id, matchers, startsAt, endsAt, createdBy, comment."));
}

}  // namespace

Expected<Silence> silence_of(const Json& object) {
  if (!object.is_object()) {
    return fail(bad(R"(A silence is {"matchers", "startsAt", "endsAt", "createdBy", "comment"}.)"));
  }
  Silence silence;
  for (const auto& [key, value] : object.items()) {
    if (Expected<void> read = read_member(key, value, silence); !read) return fail(read.error());
  }
  return silence;
}

Json silence_json(const Silence& silence, EventTime now) {
  Json matchers = Json::array();
  for (const Matcher& matcher : silence.matchers) {
    using Op = Matcher::Op;
    matchers.push_back({{"name", matcher.name()},
                        {"value", matcher.value()},
                        {"isRegex", matcher.op() == Op::Regex || matcher.op() == Op::NotRegex},
                        {"isEqual", matcher.op() == Op::Equal || matcher.op() == Op::Regex}});
  }
  const char* state = dispatch::kSilenceStateNames[static_cast<size_t>(silence.state(now))];
  return {{"id", silence.id},
          {"status", {{"state", state}}},
          {"matchers", std::move(matchers)},
          {"startsAt", format_event_time(silence.starts)},
          {"endsAt", format_event_time(silence.ends)},
          {"updatedAt", format_event_time(silence.updated)},
          {"createdBy", silence.author},
          {"comment", silence.reason}};
}

}  // namespace fengsui::server
