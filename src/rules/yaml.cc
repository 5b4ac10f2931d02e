#include "rules/yaml.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <charconv>
#include <cmath>
#include <sstream>
#include <unordered_set>
#include <utility>

#include "rules/codes.h"

namespace fengsui::rules {
namespace {

using Kind = YamlNode::Kind;

// Builds the tree from yaml-cpp's events and finds what the subset leaves out.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceFile& file, Findings& findings) : file_(file), findings_(findings) {}

  YamlNode take() { return std::move(root_); }
  bool too_deep() const { return too_deep_; }

  // yaml-cpp takes the end of the file for the end of a quoted text behind a line break.
  void check_last_quote() {
    const std::string_view text = file_.text();
    if (!last_quoted_ || *last_quoted_ >= text.size()) return;
    const char quote = text[*last_quoted_];
    if (quote != '"' && quote != '\'') return;
    for (size_t at = *last_quoted_ + 1; at < text.size(); ++at) {
      if (text[at] == '\\' && quote == '"') {
        ++at;
      } else if (text[at] == quote && text.substr(at + 1).starts_with('\'') && quote == '\'') {
        ++at;
      } else if (text[at] == quote) {
        return;
      }
    }
    findings_.error(file_, *last_quoted_, code::kYamlSyntax, "a quoted text without its end",
                    "the quote that opens it here is closed nowhere");
  }

  void OnDocumentStart(const YAML::Mark&) override {
    root_ = YamlNode{};
    root_.file = &file_;
    root_.offset = file_.text().size();
    open_.clear();
  }
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    findings_.error(file_, at(mark), code::kAnchor, "an anchor (`&" + name + "`)",
                    "write the value out where it is needed; text that begins with & needs quotes");
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    findings_.error(file_, at(mark), code::kAnchor, "an alias",
                    "write the value out; text that begins with * needs quotes");
    put(node(Kind::Null, mark));
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { put(node(Kind::Null, mark)); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    refuse_tag(mark, tag);
    YamlNode scalar = node(Kind::Scalar, mark);
    scalar.text = value;
    scalar.plain = tag != "!";
    if (!scalar.plain) last_quoted_ = scalar.offset;
    put(std::move(scalar));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    open(node(Kind::List, mark));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    refuse_tag(mark, tag);
    open(node(Kind::Map, mark));
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    std::unordered_set<std::string> seen;
    bool at_key = true;
  };

  static size_t at(const YAML::Mark& mark) { return static_cast<size_t>(std::max(mark.pos, 0)); }

  YamlNode node(Kind kind, const YAML::Mark& mark) const {
    YamlNode made;
    made.kind = kind;
    made.file = &file_;
    made.offset = at(mark);
    return made;
  }

  // yaml-cpp gives "?" to what has no tag, and "!" to what is quoted (or has the tag `!` alone).
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    const std::string_view text = file_.text();
    if (tag == "?" || tag.empty()) return;
    if (tag == "!" && (at(mark) >= text.size() || text[at(mark)] != '!')) return;
    findings_.error(file_, at(mark), code::kTag, "a tag (`" + tag + "`)",
                    "text that begins with ! needs quotes");
  }

  void open(YamlNode made) {
    if (open_.size() == static_cast<size_t>(kYamlDepthMax) && !too_deep_) {
      too_deep_ = true;
      findings_.error(
          file_, made.offset, code::kTooDeep,
          "lists and maps nested deeper than " + std::to_string(kYamlDepthMax) + " levels");
    }
    open_.push_back({std::move(made), {}, true});
  }

  void close() {
    YamlNode done = std::move(open_.back().node);
    open_.pop_back();
    if (!too_deep_) put(std::move(done));
  }

  void put(YamlNode made) {
    if (open_.empty()) {
      root_ = std::move(made);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.is_list()) {
      parent.node.items.push_back(std::move(made));
    } else if (std::exchange(parent.at_key, !parent.at_key)) {
      put_key(parent, std::move(made));
    } else {
      // What is not there is missed at its key.
      if (made.is_null()) made.offset = parent.node.keys.back().offset;
      parent.node.items.push_back(std::move(made));
    }
  }

  void put_key(Open& parent, YamlNode key) {
    if (!key.is_scalar()) {
      findings_.error(file_, key.offset, code::kComplexKey,
                      std::string("a key that is ") + key.kind_name() + ", not text");
      key.text.clear();
    } else if (!parent.seen.insert(key.text).second) {
      findings_.error(file_, key.offset, code::kDuplicateKey,
                      "the key `" + key.text + "` stands twice in this map");
    }
    parent.node.keys.push_back(std::move(key));
  }

  const SourceFile& file_;
  Findings& findings_;
  YamlNode root_;
  std::vector<Open> open_;
  bool too_deep_ = false;
  std::optional<size_t> last_quoted_;  // offset
};

std::string hint_for(const std::string& message) {
  if (message == "illegal map value") return "text with `: ` in it needs quotes";
  if (message == "end of map flow not found" || message == "end of sequence flow not found") {
    return "in flow style, text with , [ ] { } needs quotes";
  }
  return {};
}

bool is_digits(std::string_view text, std::string_view digits) {
  return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

// YAML 1.2 core schema: [-+]? (\. [0-9]+ | [0-9]+ (\. [0-9]*)?) ([eE] [-+]? [0-9]+)?
bool has_float_form(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789";
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const size_t exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos) {
    std::string_view power = text.substr(exponent + 1);
    if (power.starts_with('-') || power.starts_with('+')) power.remove_prefix(1);
    if (!is_digits(power, kDigits)) return false;
    text = text.substr(0, exponent);
  }
  const size_t dot = text.find('.');
  if (dot == std::string_view::npos) return is_digits(text, kDigits);
  const std::string_view whole = text.substr(0, dot), fraction = text.substr(dot + 1);
  if (whole.empty()) return is_digits(fraction, kDigits);
  return is_digits(whole, kDigits) && (fraction.empty() || is_digits(fraction, kDigits));
}

bool has_int_form(std::string_view text) {
  if (text.starts_with("0o")) return is_digits(text.substr(2), "01234567");
  if (text.starts_with("0x")) return is_digits(text.substr(2), "0123456789abcdefABCDEF");
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return is_digits(text, "0123456789");
}

bool is_special_float(std::string_view text) {
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return true;
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text == ".inf" || text == ".Inf" || text == ".INF";
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].text == key) return &items[i];
  }
  return nullptr;
}

const YamlNode* YamlNode::find_key(std::string_view key) const {
  for (const YamlNode& own : keys) {
    if (own.text == key) return &own;
  }
  return nullptr;
}

const char* YamlNode::kind_name() const {
  switch (kind) {
    case Kind::Null:
      return "nothing";
    case Kind::Scalar:
      return "text";
    case Kind::List:
      return "a list";
    case Kind::Map:
      break;
  }
  return "a map";
}

std::optional<bool> YamlNode::as_bool() const {
  if (!is_scalar() || !plain) return std::nullopt;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

std::optional<int64_t> YamlNode::as_int() const {
  if (!is_scalar() || !plain || !has_int_form(text)) return std::nullopt;
  std::string_view digits = text;
  int base = 10;
  if (digits.starts_with("0o")) base = 8;
  if (digits.starts_with("0x")) base = 16;
  if (base != 10) digits.remove_prefix(2);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  int64_t value = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<double> YamlNode::as_number() const {
  if (const std::optional<int64_t> whole = as_int()) return static_cast<double>(*whole);
  if (!is_scalar() || !plain || !has_float_form(text)) return std::nullopt;
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

bool YamlNode::is_string() const {
  if (!is_scalar()) return false;
  return !plain ||
         !(as_bool() || has_int_form(text) || has_float_form(text) || is_special_float(text));
}

std::vector<YamlNode> read_yaml(const SourceFile& file, Findings& findings) {
  std::vector<YamlNode> documents;
  std::istringstream stream{std::string(file.text())};
  TreeBuilder builder(file, findings);
  try {
    YAML::Parser parser(stream);
    while (!builder.too_deep() && parser.HandleNextDocument(builder)) {
      documents.push_back(builder.take());
    }
    builder.check_last_quote();
  } catch (const YAML::Exception& error) {
    const size_t offset = error.mark.is_null() ? 0 : static_cast<size_t>(error.mark.pos);
    if (error.msg.find("anchor is not defined") != std::string::npos) {
      findings.error(file, offset, code::kAnchor, "an alias",
                     "write the value out; text that begins with * needs quotes");
    } else if (!builder.too_deep()) {
      findings.error(file, offset, code::kYamlSyntax, "not YAML: " + error.msg,
                     hint_for(error.msg));
    }
  }
  return documents;
}

}  // namespace fengsui::rules
