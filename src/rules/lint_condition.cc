#include "rules/lint_condition.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "rules/codes.h"
#include "rules/placed_expression.h"

namespace fengsui::rules {
namespace {

using cel::Node;
using cel::Operator;
using cel::Value;
using NodeKind = cel::Node::Kind;

// Beyond it parts are not compared with one another, nor longer lists with a schema.
constexpr size_t kPartsMax = 64;
constexpr size_t kNodeTextMax = 60;

bool is_macro(const Node& node) {
  static const std::set<std::string> kMacros = {"all", "exists", "exists_one", "map", "filter"};
  return node.kind == NodeKind::MethodCall && kMacros.contains(node.text);
}

class ExpressionLint {
 public:
  explicit ExpressionLint(const LintScope& scope) : scope_(scope) {}

  std::vector<LintNote> run(const Node& root) {
    walk(root, false);
    std::stable_sort(notes_.begin(), notes_.end(),
                     [](const LintNote& a, const LintNote& b) { return a.offset < b.offset; });
    return std::move(notes_);
  }

 private:
  void note(const Node& at, std::string_view code, std::string message, std::string hint = {}) {
    notes_.push_back({at.offset, code, std::move(message), std::move(hint)});
  }

  void walk(const Node& node, bool joined_to_others) {
    const size_t before = notes_.size();
    switch (node.kind) {
      case NodeKind::And:
      case NodeKind::Or:
        for (const auto& part : node.children) walk(*part, true);
        if (notes_.size() == before) check_joined(node);
        return;
      case NodeKind::Literal:
        if (joined_to_others && node.value.kind() == cel::Kind::Bool) {
          note(node, code::kIdlePart, "`" + node_text(node) + "` decides nothing here",
               "leave it out, or decide what it was to stand for");
        }
        return;
      case NodeKind::MethodCall:
        walk(node.child(0), false);
        if (is_macro(node)) return;  // its variable may have a field's name
        for (size_t i = 1; i < node.children.size(); ++i) walk(node.child(i), false);
        return;
      default:
        check_atom(node);
        for (const auto& part : node.children) walk(*part, false);
    }
  }

  void check_atom(const Node& node) {
    if (node.kind != NodeKind::Binary) return;
    const Atom atom = atom_of(node, scope_);
    if (atom.compared == nullptr) return;
    if (node.op == Operator::In) {
      check_values(atom, node.child(1).children);
    } else if (node.op == Operator::Equal || node.op == Operator::NotEqual) {
      const bool right = node.child(1).kind == NodeKind::Literal;
      check_values(atom, {node.children[right ? 1 : 0]});
      return;
    }
    const Subject& subject = atom.subject;
    if (subject.why.empty() || notes_about(node)) return;
    if (both(subject.range, atom.holds).is_empty()) {
      note(node, code::kBeyondLimits, "`" + node_text(node) + "` is never true", subject.why);
    } else if (subject.range.within(atom.holds)) {
      note(node, code::kBeyondLimits, "`" + node_text(node) + "` is always true", subject.why);
    }
  }

  bool notes_about(const Node& node) const {
    return !notes_.empty() && notes_.back().offset >= node.offset &&
           notes_.back().offset < node.end;
  }

  // Values that the subject is compared with for equality.
  void check_values(const Atom& atom, const std::vector<std::shared_ptr<const Node>>& values) {
    const std::vector<const event::Field*> fields = scope_.fields_of(*atom.compared);
    std::vector<Value> seen;
    for (const auto& item : values) {
      if (seen.size() > kPartsMax * 4) return;
      if (std::any_of(seen.begin(), seen.end(),
                      [&](const Value& one) { return cel::equal(one, item->value); })) {
        note(*item, code::kIdlePart, node_text(*item) + " stands twice in this list");
        continue;
      }
      seen.push_back(item->value);
      std::string word;
      if (!fields.empty()) {
        if (!may_be(fields, item->value, word)) refuse_value(atom, fields, *item, word);
      } else if (!atom.subject.range.contains(item->value)) {
        note(*item, code::kBeyondLimits,
             "`" + node_text(*atom.compared) + "` is never " + node_text(*item), atom.subject.why);
      }
    }
  }

  void refuse_value(const Atom& atom, const std::vector<const event::Field*>& fields,
                    const Node& item, const std::string& word) {
    const std::string what = "`" + node_text(*atom.compared) + "` is never " + node_text(item);
    if (word != "enum") {
      note(item, code::kBeyondLimits, what,
           word == "limits" ? atom.subject.why : "its schema's `" + word + "` refuses that");
      return;
    }
    std::vector<std::string> known;
    for (const event::Field* field : fields) {
      for (const Value& value : field->allowed) {
        if (value.kind() == cel::Kind::String) known.push_back(value.as_string());
      }
    }
    const std::string named =
        item.value.kind() == cel::Kind::String ? item.value.as_string() : std::string();
    note(item, code::kNotInEnum, what + ": its schema's `enum` does not have it",
         nearest_hint(named, known));
  }

  // The parts of && or || by themselves are sound: are they together?
  void check_joined(const Node& node) {
    if (node.children.size() > kPartsMax) return;
    const bool all = node.kind == NodeKind::And;
    const std::optional<Cubes> cubes = cubes_of(node, all, scope_);
    if (cubes && cubes->empty()) {
      if (!all) {
        note(node, code::kIdlePart, "`" + node_text(node) + "` is always true",
             "one of its parts holds whatever the event says");
      } else {
        report_contradiction(node);
      }
      return;
    }
    check_repeated(node, all);
  }

  void report_contradiction(const Node& node) {
    Cubes so_far{Cube{}};
    for (const auto& part : node.children) {
      const std::optional<Cubes> own = cubes_of(*part, true, scope_);
      if (!own) return;
      std::optional<Cubes> together = joined(so_far, *own);
      if (!together) return;
      if (together->empty()) {
        note(*part, code::kContradiction,
             "`" + node_text(*part) + "` contradicts what stands before it",
             "joined by &&, they are never true together");
        return;
      }
      so_far = std::move(*together);
    }
  }

  void check_repeated(const Node& node, bool all) {
    using Single = std::optional<std::pair<std::string, ValueRange>>;
    std::vector<Single> parts;
    for (const auto& part : node.children) {
      const std::optional<Cubes> cubes = cubes_of(*part, true, scope_);
      const bool single = cubes && cubes->size() == 1 && cubes->front().size() == 1;
      parts.push_back(single ? Single(*cubes->front().begin()) : std::nullopt);
    }
    const auto adds_nothing = [&](size_t i, size_t k) {
      if (i == k || !parts[i] || !parts[k] || parts[i]->first != parts[k]->first) return false;
      const ValueRange& own = parts[i]->second;
      const ValueRange& other = parts[k]->second;
      const bool covered = all ? other.within(own) : own.within(other);
      const bool same = covered && (all ? own.within(other) : other.within(own));
      return covered && (!same || k < i);
    };
    for (size_t i = 0; i < parts.size(); ++i) {
      for (size_t k = 0; k < parts.size(); ++k) {
        if (!adds_nothing(i, k)) continue;
        note(node.child(i), code::kIdlePart, "`" + node_text(node.child(i)) + "` adds nothing",
             std::string("`") + node_text(node.child(k)) + "` beside it says " +
                 (all ? "as much or more" : "as little or less"));
        break;
      }
    }
  }

  const LintScope& scope_;
  std::vector<LintNote> notes_;
};

void append_text(std::string& out, const Node& node) {
  if (out.size() > kNodeTextMax) return;
  const auto list = [&](size_t from, const char* open, const char* close) {
    out += open;
    for (size_t i = from; i < node.children.size(); ++i) {
      if (i > from) out += ", ";
      append_text(out, node.child(i));
    }
    out += close;
  };
  const auto joined = [&](const char* between) {
    for (size_t i = 0; i < node.children.size(); ++i) {
      if (i > 0) out += between;
      append_text(out, node.child(i));
    }
  };
  switch (node.kind) {
    case NodeKind::Literal:
      if (node.value.kind() == cel::Kind::String) {
        out += "'" + node.value.as_string() + "'";
      } else if (node.value.kind() != cel::Kind::Bytes) {
        cel::append_json(out, node.value);
      }
      return;
    case NodeKind::Name:
      out += node.text;
      return;
    case NodeKind::Select:
      append_text(out, node.child(0));
      out += "." + node.text;
      return;
    case NodeKind::Index:
      append_text(out, node.child(0));
      return list(1, "[", "]");
    case NodeKind::Call:
      out += node.text;
      return list(0, "(", ")");
    case NodeKind::MethodCall:
      append_text(out, node.child(0));
      out += "." + node.text;
      return list(1, "(", ")");
    case NodeKind::List:
      return list(0, "[", "]");
    case NodeKind::Map:
      return list(0, "{", "}");
    case NodeKind::Unary:
      out += cel::operator_text(node.op);
      return joined("");
    case NodeKind::Binary:
      return joined((" " + std::string(cel::operator_text(node.op)) + " ").c_str());
    case NodeKind::And:
      return joined(" && ");
    case NodeKind::Or:
      return joined(" || ");
    case NodeKind::Conditional:
      return joined(" ? ");
  }
}

}  // namespace

std::vector<LintNote> lint_expression(const Node& root, const LintScope& scope) {
  return ExpressionLint(scope).run(root);
}

bool is_never_true(const Node& root, const LintScope& scope) {
  if (root.kind == NodeKind::Literal) return false;
  const std::optional<Cubes> cubes = cubes_of(root, true, scope);
  return cubes && cubes->empty();
}

std::string node_text(const Node& node) {
  std::string text;
  append_text(text, node);
  if (text.size() <= kNodeTextMax) return text;
  size_t cut = kNodeTextMax;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xC0) == 0x80) --cut;
  return text.substr(0, cut) + "…";
}

}  // namespace fengsui::rules
