// `window`, `emit`, `baseline`, and how long what they keep may live.
#include <algorithm>
#include <limits>

#include "rules/codes.h"
#include "rules/rule_reader.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

using Kind = WindowSpec::Kind;

struct KindWord {
  const char* word;
  Kind kind;
  const char* second;  // its other key; null: it has none
  bool needs_second;
};
constexpr KindWord kKinds[] = {{"sliding", Kind::Sliding, nullptr, false},
                               {"tumbling", Kind::Tumbling, nullptr, false},
                               {"hopping", Kind::Hopping, "every", true},
                               {"session", Kind::Session, "max", false},
                               {"count", Kind::Count, "within", false}};

// Null with a finding where the window has none, or several.
const KindWord* find_kind(const YamlNode& window, Findings& findings) {
  std::vector<std::string> known = {"every", "max", "within"};
  const KindWord* found = nullptr;
  size_t kinds = 0;
  for (const KindWord& word : kKinds) {
    known.emplace_back(word.word);
    if (window.find_key(word.word) == nullptr) continue;
    found = &word;
    ++kinds;
  }
  const size_t before = findings.errors();
  refuse_unknown_keys(window, "a window", known, code::kWindow, findings);
  if (kinds == 1) return found;
  if (kinds > 1 || findings.errors() == before) {
    error_at(window, code::kWindow, "a window has one kind",
             "{ sliding: 1h }, { tumbling: 1h }, { hopping: 1h, every: 5m }, { session: 5m }, "
             "{ count: 5 }",
             findings);
  }
  return nullptr;
}

// A whole number of at least 1.
std::optional<int64_t> read_number(const YamlNode& node, const std::string& what,
                                   std::string_view code, Findings& findings) {
  const std::optional<int64_t> number = node.is_scalar() ? node.as_int() : std::nullopt;
  if (number && *number >= 1) return number;
  error_at(node, code, what + " is no whole number above 0", {}, findings);
  return std::nullopt;
}

// `every`, `max`, `within`; null: it is not there, or does not belong to the kind.
const YamlNode* find_second(const YamlNode& window, const KindWord& word, Findings& findings) {
  for (const char* key : {"every", "max", "within"}) {
    const YamlNode* node = window.find_key(key);
    if (node == nullptr || (word.second != nullptr && std::string_view(word.second) == key)) {
      continue;
    }
    error_at(*node, code::kWindow, std::string("a `") + word.word + "` window has no `" + key + "`",
             {}, findings);
  }
  if (word.second == nullptr) return nullptr;
  const YamlNode* second = window.find(word.second);
  if (second == nullptr && word.needs_second) {
    error_at(window, code::kWindow,
             std::string("a `") + word.word + "` window needs `" + word.second + "`", {}, findings);
  }
  return second;
}

void error_of_retain(const RuleSpec& spec, const std::string& what, Duration needed,
                     Findings& findings) {
  error_at(*spec.retain_node, code::kRetain,
           "`retain` (" + format_duration(spec.purpose.retain) + ") does not cover " + what + " (" +
               format_duration(needed) + ")",
           "state and evidence must live as long as the rule reads them", findings);
}

// The `retain` of the purpose must be as long as what the rule looks back.
void check_retain(const RuleSpec& spec, Findings& findings) {
  if (spec.retain_node == nullptr) return;
  const Duration retain = spec.purpose.retain;
  const bool is_session = spec.window.kind == Kind::Session;
  const Duration window = is_session && spec.window.most ? *spec.window.most : spec.window.length;
  if (retain < window) error_of_retain(spec, "the window", window, findings);
  if (spec.sequence && retain < spec.sequence->within) {
    error_of_retain(spec, "the sequence", spec.sequence->within, findings);
  }
  if (!spec.baseline || spec.baseline->every.count() == 0) return;
  const BaselineSpec& baseline = *spec.baseline;
  const int64_t room = std::max<int64_t>(0, (retain - spec.window.length).count());
  if (baseline.keep <= room / baseline.every.count()) return;
  findings.warning(
      *spec.retain_node->file, spec.retain_node->offset, code::kBaselineRetain,
      "`retain` (" + format_duration(retain) + ") is shorter than what the baseline looks back",
      std::to_string(baseline.keep) + " times " + format_duration(baseline.every) +
          " and a window");
}

void check_emit(const RuleSpec& spec, Findings& findings) {
  const YamlNode* emit = spec.node->find("emit");
  const Kind kind = spec.window.kind;
  const bool closes = kind == Kind::Tumbling || kind == Kind::Hopping || kind == Kind::Session;
  if (spec.emit == Emit::Close && !closes) {
    // A window with a finding of its own has no kind here.
    if (kind != Kind::None || spec.window_node == nullptr) {
      error_at(*emit, code::kEmit, "`emit: close` where no window closes",
               "it goes with a tumbling, hopping or session window", findings);
    }
  } else if (kind == Kind::Hopping && spec.emit == Emit::Event) {
    error_at(emit != nullptr ? *emit : *spec.window_node, code::kEmit,
             "a hopping window is evaluated when it closes alone", "add `emit: close`", findings);
  }
}

void check_baseline(const RuleSpec& spec, Findings& findings) {
  const BaselineSpec& baseline = *spec.baseline;
  if (spec.window.kind != Kind::Tumbling) {
    if (spec.window.kind == Kind::None && spec.window_node != nullptr) return;
    error_at(*baseline.node, code::kBaseline, "`baseline` without a tumbling window",
             "it compares a window with those of the same length before it", findings);
  } else if (baseline.every.count() > 0 && baseline.every % spec.window.length != Duration{0}) {
    error_at(*baseline.node->find("every"), code::kBaseline,
             "`every` (" + format_duration(baseline.every) + ") is no multiple of the window (" +
                 format_duration(spec.window.length) + ")",
             {}, findings);
  }
}

}  // namespace

void read_window(const YamlNode& window, RuleSpec& spec, Findings& findings) {
  spec.window_node = &window;
  if (!expect_map(window, "`window`", findings)) return;
  const KindWord* word = find_kind(window, findings);
  if (word == nullptr) return;
  const YamlNode* second = find_second(window, *word, findings);
  WindowSpec read;
  read.kind = word->kind;
  const YamlNode& first = *window.find(word->word);
  std::optional<Duration> other;
  if (second != nullptr) {
    other = read_length(*second, std::string("`") + word->second + "`", code::kWindow, findings);
  }
  if (word->kind == Kind::Count) {
    const auto count = read_number(first, "the `count` of a window", code::kWindow, findings);
    if (!count || (second != nullptr && !other)) return;
    read.count = static_cast<uint64_t>(*count);
    spec.lasts_as_retained = second == nullptr;
    if (other) read.length = *other;
  } else {
    const auto length = read_length(first, "a window's length", code::kWindow, findings);
    if (!length || (!other && (second != nullptr || word->needs_second))) return;
    read.length = *length;
    if (word->kind == Kind::Hopping) read.every = *other;
    if (word->kind == Kind::Session) read.most = other;
  }
  spec.window = read;
}

void read_baseline(const YamlNode& node, RuleSpec& spec, Findings& findings) {
  BaselineSpec baseline;
  baseline.node = &node;
  if (!expect_map(node, "`baseline`", findings)) return;
  refuse_unknown_keys(node, "`baseline`", {"of", "every", "keep"}, code::kUnknownKey, findings);
  const YamlNode* of = require_key(node, "of", "`baseline`", findings);
  if (of != nullptr && expect_text(*of, "`of`", findings)) baseline.of = of;
  if (const YamlNode* every = require_key(node, "every", "`baseline`", findings)) {
    baseline.every =
        read_length(*every, "`every`", code::kBaseline, findings).value_or(Duration{0});
  }
  if (const YamlNode* keep = require_key(node, "keep", "`baseline`", findings)) {
    baseline.keep = read_number(*keep, "`keep`", code::kBaseline, findings).value_or(0);
  }
  spec.baseline = baseline;
}

void check_spans(RuleSpec& spec, Findings& findings) {
  if (spec.lasts_as_retained) spec.window.length = spec.purpose.retain;
  if (!spec.sequence) check_emit(spec, findings);
  if (!spec.sequence && spec.baseline) check_baseline(spec, findings);
  check_retain(spec, findings);
}

}  // namespace fengsui::rules
