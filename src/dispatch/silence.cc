#include "dispatch/silence.h"

#include <algorithm>
#include <utility>

#include "base/time_codec.h"

namespace fengsui::dispatch {
namespace {

constexpr uint8_t kVersion = 1;

Error bad(const char* what) { return Error::bad_input(what); }

bool same(const Matcher& a, const Matcher& b) {
  return a.op() == b.op() && a.name() == b.name() && a.value() == b.value();
}

}  // namespace

Expected<Silence> checked(Silence silence, EventTime now) {
  if (silence.matchers.empty()) return fail(bad("A silence has a matcher."));
  const Labels none;
  const auto matches_nothing = [&](const Matcher& matcher) { return matcher.matches(none); };
  if (std::all_of(silence.matchers.begin(), silence.matchers.end(), matches_nothing)) {
    return fail(bad("At least one matcher must not match the empty value."));
  }
  if (silence.author.empty()) return fail(bad("A silence has an author."));
  if (silence.reason.empty()) return fail(bad("A silence has a reason."));
  if (silence.starts == EventTime{}) silence.starts = now;
  if (silence.ends == EventTime{}) return fail(bad("A silence has an end."));
  if (silence.ends <= silence.starts) return fail(bad("A silence ends after its start."));
  if (silence.ends <= now) return fail(bad("The end of the silence has passed."));
  silence.updated = now;
  return silence;
}

bool can_become(const Silence& a, const Silence& b, EventTime now) {
  if (!std::equal(a.matchers.begin(), a.matchers.end(), b.matchers.begin(), b.matchers.end(),
                  same)) {
    return false;
  }
  switch (a.state(now)) {
    case SilenceState::Active:
      return a.starts == b.starts && b.ends > now;
    case SilenceState::Pending:
      return b.starts >= now;
    case SilenceState::Expired:
      break;
  }
  return false;
}

void encode(const Silence& silence, std::string& bytes) {
  ByteWriter out(bytes);
  out.u8(kVersion);
  out.text(silence.id);
  out.varint(silence.matchers.size());
  for (const Matcher& matcher : silence.matchers) {
    out.u8(static_cast<uint8_t>(matcher.op()));
    out.text(matcher.name());
    out.text(matcher.value());
  }
  put_time(out, silence.starts);
  put_time(out, silence.ends);
  put_time(out, silence.updated);
  out.text(silence.author);
  out.text(silence.reason);
}

Expected<Silence> decode_silence(std::string_view bytes) {
  const auto damaged = [] { return fail(Error::outside("a silence cannot be read")); };
  ByteReader in(bytes);
  Silence silence;
  if (in.u8() != kVersion) return damaged();
  silence.id = in.text();
  for (uint64_t left = in.varint(); in.ok() && left > 0; --left) {
    const uint8_t op = in.u8();
    std::string name(in.text());
    std::string value(in.text());
    if (op > static_cast<uint8_t>(Matcher::Op::NotRegex)) return damaged();
    auto matcher = Matcher::make(static_cast<Matcher::Op>(op), std::move(name), std::move(value));
    if (!matcher) return damaged();
    silence.matchers.push_back(std::move(*matcher));
  }
  silence.starts = get_time(in);
  silence.ends = get_time(in);
  silence.updated = get_time(in);
  silence.author = in.text();
  silence.reason = in.text();
  if (!in.ok() || !in.at_end()) return damaged();
  return silence;
}

}  // namespace fengsui::dispatch
