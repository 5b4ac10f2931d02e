// Calls: macros, functions over tables, and everything of the table in overloads.cc.
#include <algorithm>

#include "cel/checker.h"

namespace fengsui::cel {
namespace {

using Code = Instruction::Code;
using K = Type::Kind;

struct Macro {
  std::string_view name;
  Code code;
  size_t arguments_max;
  const char* form;
};
constexpr Macro kMacros[] = {{"all", Code::All, 2, "list.all(x, condition)"},
                             {"exists", Code::Exists, 2, "list.exists(x, condition)"},
                             {"exists_one", Code::ExistsOne, 2, "list.exists_one(x, condition)"},
                             {"filter", Code::Filter, 2, "list.filter(x, condition)"},
                             {"map", Code::Transform, 3, "list.map(x, value)"}};

const Macro* macro_named(std::string_view name) {
  const auto* found = std::find_if(std::begin(kMacros), std::end(kMacros),
                                   [&](const Macro& macro) { return macro.name == name; });
  return found == std::end(kMacros) ? nullptr : found;
}

// Functions of these stand behind a dot: math.abs(x).
constexpr std::string_view kSpaces[] = {"math", "strings", "cel"};

bool is_number_or_dyn(const Type& type) {
  return type.is(K::Int) || type.is(K::Uint) || type.is(K::Double) || type.is(K::Dyn);
}

std::string types_of(const std::vector<Typed>& arguments, size_t first) {
  std::string out = "(";
  for (size_t i = first; i < arguments.size(); ++i) {
    out += (i == first ? "" : ", ") + arguments[i].type.text();
  }
  return out + ")";
}

}  // namespace

Typed Checker::call(const Node& node) {
  const auto refused = names.refused_functions.find(node.text);
  if (refused != names.refused_functions.end()) {
    return fail_at(node.place, Finding::Code::NotHere, "`" + node.text + "` cannot stand here",
                   refused->second);
  }
  if (node.text == "has") return has(node);
  if (node.text == "inArea") return in_area(node);
  return overloaded(node, node.text, CallForm::Function, 0);
}

Typed Checker::method(const Node& node) {
  const Node& target = node.child(0);
  const auto* spaces = std::find(std::begin(kSpaces), std::end(kSpaces), target.text);
  const bool is_function = target.kind == Node::Kind::Name && spaces != std::end(kSpaces) &&
                           !names.variable(target.text) &&
                           std::none_of(locals.begin(), locals.end(), [&](const Local& local) {
                             return local.name == target.text;
                           });
  if (is_function) {
    const std::string name = target.text + "." + node.text;
    if (name == "cel.bind") return bind(node);
    if (name == "math.greatest" || name == "math.least") return extreme(node, name);
    return overloaded(node, name, CallForm::Function, 1);
  }
  if (macro_named(node.text)) return macro(node);
  if (node.text == "mentions" || node.text == "mentionCount") return keywords_in(node);
  return overloaded(node, node.text, CallForm::Method, 0);
}

Typed Checker::macro(const Node& node) {
  const Macro& macro = *macro_named(node.text);
  const size_t arguments = node.children.size() - 1;
  const bool has_variable =
      arguments >= 1 && node.child(1).kind == Node::Kind::Name && !node.child(1).absolute;
  if (arguments < 2 || arguments > macro.arguments_max || !has_variable) {
    return fail_at(node.place, Finding::Code::Syntax,
                   "`" + node.text + "` is written " + macro.form);
  }
  Typed range = value(node.child(0));
  const Type& type = range.type;
  if (!range.failed && !type.is(K::List) && !type.is(K::Map) && !type.is(K::Dyn)) {
    range = fail_at(node.place, Finding::Code::TypeMismatch,
                    "`" + node.text + "` goes over a list or a map, not over " + type.text());
  }
  Type item;
  if (type.is(K::List)) item = element_of(type);
  if (type.is(K::Map) && type.key) item = *type.key;
  Typed out;
  out.failed = range.failed;
  out.code.code = macro.code;
  out.code.index = static_cast<int>(locals.size());
  out.code.children.push_back(std::move(range.code));
  locals.push_back({node.child(1).text, item});
  Type last;
  for (size_t i = 2; i < node.children.size(); ++i) {
    Typed part = value(node.child(i));
    const bool is_condition = macro.code != Code::Transform || i + 1 < node.children.size();
    if (is_condition) require_bool(part, node.child(i), "the condition of `" + node.text + "`");
    out.failed = out.failed || part.failed;
    last = part.type;
    out.code.children.push_back(std::move(part.code));
  }
  locals.pop_back();
  out.type = Type::of(K::Bool);
  if (macro.code == Code::Filter) out.type = Type::list_of(item);
  if (macro.code == Code::Transform) out.type = Type::list_of(last);
  return out;
}

// cel.bind(x, value, result): a macro that calculates `value` once.
Typed Checker::bind(const Node& node) {
  const bool has_variable = node.children.size() == 4 && node.child(1).kind == Node::Kind::Name &&
                            !node.child(1).absolute;
  if (!has_variable) {
    return fail_at(node.place, Finding::Code::Syntax,
                   "`cel.bind` is written cel.bind(x, value, result)");
  }
  Typed bound = value(node.child(2));
  Typed out;
  out.code.code = Code::Bind;
  out.code.index = static_cast<int>(locals.size());
  out.code.children.push_back(std::move(bound.code));
  locals.push_back({node.child(1).text, bound.type});
  Typed result = value(node.child(3));
  locals.pop_back();
  out.failed = bound.failed || result.failed;
  out.type = result.type;
  out.code.children.push_back(std::move(result.code));
  return out;
}

Typed Checker::keywords_in(const Node& node) {
  Typed text = value(node.child(0));
  if (node.children.size() != 2) {
    return fail_at(node.place, Finding::Code::TypeMismatch,
                   "`" + node.text + "` is written text." + node.text + "(keywords.NAME)");
  }
  const Typed words = check(node.child(1));
  Typed out;
  out.failed = text.failed || words.failed;
  if (out.failed) return out;
  if (!assignable(text.type, Type::of(K::String)) || !words.type.is(K::KeywordSet)) {
    return fail_at(node.place, Finding::Code::TypeMismatch,
                   "no `" + node.text + "` of " + text.type.text() + " with " + words.type.text(),
                   "write text." + node.text + "(keywords.NAME)");
  }
  const bool count = node.text == "mentionCount";
  out.type = Type::of(count ? K::Int : K::Bool);
  out.code.code = count ? Code::MentionCount : Code::Mentions;
  out.code.index = words.code.index;
  out.code.children.push_back(std::move(text.code));
  return out;
}

Typed Checker::in_area(const Node& node) {
  Typed out;
  out.type = Type::of(K::Bool);
  out.code.code = Code::InArea;
  std::vector<Typed> arguments;
  bool fits = node.children.size() == 2;
  for (const auto& child : node.children) {
    arguments.push_back(value(*child));
    out.failed = out.failed || arguments.back().failed;
    fits = fits && assignable(arguments.back().type, Type::of(K::String));
  }
  if (out.failed) return out;
  if (!fits) {
    return fail_at(node.place, Finding::Code::TypeMismatch,
                   "no `inArea` for " + types_of(arguments, 0),
                   "it is inArea(code, ancestor), both strings");
  }
  for (Typed& argument : arguments) out.code.children.push_back(std::move(argument.code));
  return out;
}

// math.greatest and math.least: numbers of any types, or one list of them.
Typed Checker::extreme(const Node& node, const std::string& name) {
  Typed out;
  out.code.code = Code::Call;
  out.code.native = name == "math.greatest" ? math_greatest : math_least;
  std::optional<Type> result;
  const bool one = node.children.size() == 2;
  bool fits = node.children.size() > 1;
  for (size_t i = 1; i < node.children.size(); ++i) {
    Typed argument = value(node.child(i));
    out.failed = out.failed || argument.failed;
    const bool list = one && argument.type.is(K::List);
    const Type type = list ? element_of(argument.type) : argument.type;
    fits = fits && is_number_or_dyn(type);
    result = result ? joined(*result, type).value_or(Type()) : type;
    out.code.children.push_back(std::move(argument.code));
  }
  if (out.failed) return out;
  if (!fits) {
    return fail_at(node.place, Finding::Code::TypeMismatch,
                   "`" + name + "` takes numbers, or one list of them");
  }
  out.type = *result;
  out.code = fold(std::move(out.code));
  return out;
}

Typed Checker::unknown_function(const Node& node, const std::string& name) {
  std::vector<std::string> known = function_names();
  for (const auto& [refused, hint] : names.refused_functions) known.push_back(refused);
  const std::optional<std::string> nearest = nearest_name(name, known);
  return fail_at(node.place, Finding::Code::UnknownFunction, "unknown function `" + name + "`",
                 nearest ? "did you mean `" + *nearest + "`?" : "");
}

// `first`: children before it are no arguments.
Typed Checker::overloaded(const Node& node, const std::string& name, CallForm form, size_t first) {
  const OverloadChoice known = choose_overload(name, form, {});
  if (!known.name_known && !known.only_other_form) return unknown_function(node, name);
  std::vector<Typed> arguments;
  std::vector<Type> types;
  bool failed = false;
  for (size_t i = first; i < node.children.size(); ++i) {
    arguments.push_back(value(node.child(i)));
    types.push_back(arguments.back().type);
    failed = failed || arguments.back().failed;
  }
  if (failed) {
    Typed out;
    out.failed = true;
    return out;
  }
  const OverloadChoice choice = choose_overload(name, form, types);
  if (!choice.overload) {
    const bool of_target = form == CallForm::Method;
    const std::string target = of_target ? types[0].text() + "." : "";
    return fail_at(node.place, Finding::Code::TypeMismatch,
                   "no `" + target + name + types_of(arguments, of_target ? 1 : 0) + "`",
                   "there is " + signatures_of(name));
  }
  Typed out = folded_call(node, *choice.overload, std::move(arguments));
  out.type = choice.result;
  return out;
}

Typed Checker::folded_call(const Node& node, const Overload& overload,
                           std::vector<Typed> arguments) {
  Typed out;
  out.code.code = Code::Call;
  out.code.native = overload.native;
  for (Typed& argument : arguments) out.code.children.push_back(std::move(argument.code));
  std::vector<Instruction>& children = out.code.children;
  const auto is_constant_text = [](const Instruction& at) {
    return at.is_constant() && at.value.kind() == Kind::String;
  };
  if (overload.native == text_matches && is_constant_text(children[1])) {
    const std::string& text = children[1].value.as_string();
    auto pattern = std::make_shared<const RE2>(text, RE2::Quiet);
    if (!pattern->ok()) {
      return fail_at(node.child(node.children.size() - 1).offset, Finding::Code::BadPattern,
                     "no RE2 pattern: " + pattern->error());
    }
    out.code.code = Code::Matches;
    out.code.pattern = std::move(pattern);
    children.pop_back();
  }
  const bool is_time = overload.native == to_timestamp || overload.native == to_duration;
  const bool is_literal_time = is_time && is_constant_text(children[0]);
  out.code = fold(std::move(out.code));
  if (is_literal_time && out.code.value.is_error()) {
    const bool timestamp = overload.native == to_timestamp;
    return fail_at(node.child(0).offset, Finding::Code::BadPattern,
                   timestamp ? "no timestamp that CEL can read" : "no duration that CEL can read",
                   timestamp ? "write \"2026-03-01T08:00:00+08:00\"" : "write \"1h30m\", \"90s\"");
  }
  return out;
}

}  // namespace fengsui::cel
