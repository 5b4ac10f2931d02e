// What names stand for: macros' variables, declared names by their longest dotted prefix (cel-spec,
// "Name resolution"), tables, types; and has().
#include <algorithm>

#include "cel/checker.h"

namespace fengsui::cel {
namespace {

using Code = Instruction::Code;
using K = Type::Kind;

std::optional<Kind> type_named(std::string_view name) {
  for (const Kind kind :
       {Kind::Null, Kind::Bool, Kind::Int, Kind::Uint, Kind::Double, Kind::String, Kind::Bytes,
        Kind::Timestamp, Kind::Duration, Kind::List, Kind::Map, Kind::Type}) {
    if (type_name(kind) == name) return kind;
  }
  return std::nullopt;
}

std::string did_you_mean(const std::optional<std::string>& name) {
  return name ? "did you mean `" + *name + "`?" : "";
}

template <class T>
std::vector<std::string> keys_of(const std::map<std::string, T, std::less<>>& map) {
  std::vector<std::string> out;
  for (const auto& [key, item] : map) out.push_back(key);
  return out;
}

}  // namespace

std::string Checker::Path::text(size_t count) const {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += (i == 0 ? "" : ".") + parts[i]->text;
  return out;
}

Checker::Path Checker::path_of(const Node& node) {
  Path out;
  const Node* at = &node;
  while (at->kind == Node::Kind::Select && !at->quoted) {
    out.parts.insert(out.parts.begin(), at);
    at = &at->child(0);
  }
  if (at->kind != Node::Kind::Name) return {};
  out.parts.insert(out.parts.begin(), at);
  return out;
}

Checker::Resolved Checker::resolve(const Path& path) {
  Resolved out;
  const Node& first = *path.parts[0];
  for (size_t i = locals.size(); i-- > 0 && !first.absolute;) {
    if (locals[i].name != first.text) continue;
    out.parts = 1;
    out.typed.type = locals[i].type;
    out.typed.code.code = Code::Local;
    out.typed.code.index = static_cast<int>(i);
    return out;
  }
  for (out.parts = path.parts.size(); out.parts > 0; --out.parts) {
    const std::string name = path.text(out.parts);
    if (const Variable* variable = names.variable(name)) {
      out.typed = declared(name, *variable, first);
      return out;
    }
    if (out.parts == 2 && first.text == "lists") {
      const auto found = names.lists.find(path.parts[1]->text);
      if (found == names.lists.end()) continue;
      out.typed.type = Type::of(K::ListTable);
      out.typed.code.index = found->second.index;
      out.typed.rows = found->second.rows.get();
      return out;
    }
    if (out.parts == 2 && first.text == "keywords") {
      const auto found = names.keyword_sets.find(path.parts[1]->text);
      if (found == names.keyword_sets.end()) continue;
      out.typed.type = Type::of(K::KeywordSet);
      out.typed.code.index = found->second;
      return out;
    }
    if (const std::optional<Kind> kind = type_named(name)) {
      out.typed.type = Type::of(K::TypeType);
      out.typed.code = constant(Value::type(type_name(*kind)));
      return out;
    }
  }
  return out;
}

std::string Checker::field_key(const std::string& name, const Variable& variable) {
  // A field may have two names (`urgency`, `data.urgency`); its slot is one.
  if (variable.slot < 0) return name;
  return std::to_string(variable.slot) + " " + variable.entry;
}

Typed Checker::declared(const std::string& name, const Variable& variable, const Node& node) {
  if (variable.is_protected) {
    return fail_at(node.place, Finding::Code::ProtectedField,
                   "`" + name + "` is protected and must decide nothing");
  }
  if (variable.optional) {
    optional_reads.try_emplace(field_key(name, variable), Read{name, node.place});
  }
  Typed out;
  out.type = variable.type;
  out.variable = &variable;
  if (variable.slot < 0) {
    out.code = constant(Value::missing());
    return out;
  }
  out.code.code = variable.entry.empty() ? Code::Slot : Code::SlotEntry;
  out.code.index = variable.slot;
  out.code.text = variable.entry;
  return out;
}

bool Checker::is_undeclared_part(const Path& path, const Resolved& resolved) const {
  const Variable* variable = resolved.typed.variable;
  return variable && variable->field && resolved.parts < path.parts.size() &&
         names.has_parts(path.text(resolved.parts));
}

Typed Checker::name_or_selection(const Node& node) {
  const Path path = path_of(node);
  if (path.parts.empty()) {
    Typed target = check(node.child(0));
    return target.failed ? target : select(std::move(target), node);
  }
  Resolved resolved = resolve(path);
  if (resolved.parts == 0 || is_undeclared_part(path, resolved)) return unknown_name(path);
  Typed out = std::move(resolved.typed);
  for (size_t i = resolved.parts; i < path.parts.size() && !out.failed; ++i) {
    out = select(std::move(out), *path.parts[i]);
  }
  return out;
}

Typed Checker::select(Typed target, const Node& node) {
  Typed out;
  switch (target.type.kind) {
    case K::ListRow: {
      out = std::move(target);
      out.type = Type::of(K::String);
      out.code.text = node.text;
      if (!out.rows) return out;
      const std::vector<std::string>& columns = out.rows->columns();
      for (size_t i = 0; i < columns.size(); ++i) {
        if (columns[i] == node.text) out.code.column = static_cast<int>(i);
      }
      if (out.code.column >= 0) return out;
      return fail_at(node.place, Finding::Code::UnknownName,
                     "the list has no column `" + node.text + "`",
                     did_you_mean(nearest_name(node.text, columns)));
    }
    case K::ListTable:
      return fail_at(node.place, Finding::Code::TypeMismatch,
                     "a value list has no field `" + node.text + "`",
                     "a key comes first: `lists.NAME[x].column`");
    case K::Map:
      if (target.type.key && !assignable(*target.type.key, Type::of(K::String))) {
        return fail_at(node.place, Finding::Code::TypeMismatch,
                       "the keys of " + target.type.text() + " are no strings",
                       "write the key in brackets: `m[key]`");
      }
      out.type = element_of(target.type);
      break;
    case K::Dyn:
      break;
    default:
      return fail_at(node.place, Finding::Code::TypeMismatch,
                     "type " + target.type.text() + " has no field `" + node.text + "`");
  }
  out.code.code = Code::Select;
  out.code.text = node.text;
  out.code.children.push_back(std::move(target.code));
  out.code = fold(std::move(out.code));
  return out;
}

std::vector<std::string> Checker::known_names() const {
  std::vector<std::string> out = keys_of(names.variables);
  for (const Local& local : locals) out.push_back(local.name);
  for (const std::string& name : keys_of(names.lists)) out.push_back("lists." + name);
  for (const std::string& name : keys_of(names.keyword_sets)) out.push_back("keywords." + name);
  return out;
}

Typed Checker::unknown_name(const Path& path) {
  const size_t place = path.parts[0]->place;
  const size_t count = path.parts.size();
  for (size_t i = count; i > 0; --i) {
    const auto found = names.explained.find(path.text(i));
    // "data" as a whole is explained; "data.nope" is a slip among its parts.
    if (found == names.explained.end() || (i < count && names.has_parts(found->first))) continue;
    return fail_at(place, Finding::Code::UnknownName, found->second);
  }
  const std::string& first = path.parts[0]->text;
  const bool is_list = first == "lists";
  if ((is_list || first == "keywords") && count > 1) {
    const Node& name = *path.parts[1];
    const std::vector<std::string> known =
        is_list ? keys_of(names.lists) : keys_of(names.keyword_sets);
    return fail_at(name.place, Finding::Code::UnknownName,
                   (is_list ? "no list `" : "no keyword set `") + name.text + "`",
                   did_you_mean(nearest_name(name.text, known)));
  }
  const std::string text = path.text(count);
  return fail_at(place, Finding::Code::UnknownName, "unknown name `" + text + "`",
                 did_you_mean(nearest_name(text, known_names())));
}

Typed Checker::has_declared(const std::string& name, const Node& argument) {
  const Variable& variable = *names.variable(name);
  const Node* first = &argument;
  while (!first->children.empty()) first = &first->child(0);
  if (variable.is_protected) return declared(name, variable, *first);
  if (argument.kind == Node::Kind::Name && !variable.field) {
    return fail_at(argument.place, Finding::Code::TypeMismatch, "`" + name + "` is no field",
                   "has() asks whether a field is there");
  }
  tested_fields.insert(field_key(name, variable));
  Typed out;
  out.type = Type::of(K::Bool);
  if (variable.slot < 0) {
    out.code = constant(Value::boolean(false));
    return out;
  }
  out.code.code = Code::HasSlot;
  out.code.index = variable.slot;
  out.code.text = variable.entry;
  return out;
}

Typed Checker::has(const Node& call) {
  if (call.children.size() != 1) {
    return fail_at(call.place, Finding::Code::Syntax, "has() takes one field: has(a.b)");
  }
  const Node& argument = call.child(0);
  const Path path = path_of(argument);
  const bool is_local = !path.parts.empty() && !path.parts[0]->absolute &&
                        std::any_of(locals.begin(), locals.end(), [&](const Local& local) {
                          return local.name == path.parts[0]->text;
                        });
  if (!path.parts.empty() && !is_local) {
    const std::string name = path.text(path.parts.size());
    if (names.variable(name)) return has_declared(name, argument);
    if (path.parts.size() == 1) return unknown_name(path);
    const auto reads = optional_reads;  // a test of the field below is no reading of it
    const Resolved resolved = resolve(path);
    optional_reads = reads;
    if (resolved.parts == 0 || is_undeclared_part(path, resolved)) return unknown_name(path);
  }
  if (argument.kind != Node::Kind::Select) {
    return fail_at(argument.offset, Finding::Code::Syntax, "has() takes a field: has(a.b)");
  }
  Typed target = value(argument.child(0));
  if (target.failed) return target;
  if (!target.type.is(K::Map) && !target.type.is(K::Dyn)) {
    return fail_at(argument.place, Finding::Code::TypeMismatch,
                   "type " + target.type.text() + " has no field `" + argument.text + "`");
  }
  Typed out;
  out.type = Type::of(K::Bool);
  out.code.code = Code::HasEntry;
  out.code.text = argument.text;
  out.code.children.push_back(std::move(target.code));
  out.code = fold(std::move(out.code));
  return out;
}

void Checker::warn_of_optional_reads() {
  for (const auto& [key, read] : optional_reads) {
    if (tested_fields.contains(key)) continue;
    fail_at(read.place, Finding::Code::OptionalField, "`" + read.name + "` may be missing",
            "ask has(" + read.name + ") first");
    findings.back().warning = true;
  }
}

}  // namespace fengsui::cel
