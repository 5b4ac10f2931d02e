#include "rules/source_compiler.h"

#include <algorithm>
#include <utility>

#include "base/byte_codec.h"
#include "rules/codes.h"
#include "rules/yaml_shape.h"

namespace fengsui::rules {
namespace {

using Kind = cel::Type::Kind;

const cel::Type kAny = cel::Type::of(Kind::Dyn);
const cel::Type kBool = cel::Type::of(Kind::Bool);

bool names_a_group(const cel::Type& type) {
  return type.is(Kind::Dyn) || type.is(Kind::String) || type.is(Kind::Int) || type.is(Kind::Bool);
}

bool lists_groups(const cel::Type& type) {
  return type.is(Kind::Dyn) ||
         (type.is(Kind::List) && (type.element == nullptr || names_a_group(*type.element)));
}

}  // namespace

void SourceCompiler::add_text(std::string_view text) { ByteWriter(out_.fingerprint).text(text); }

std::optional<cel::Program> SourceCompiler::check(const PlacedExpression& expression,
                                                  const cel::Type& wanted) {
  add_text(fingerprint(expression.syntax.root()));
  auto program = expressions_.check_event(expression, scope_, type_, wanted, out_.guaranteed);
  out_.reads_person |= program && RuleExpressions::reads_person(*program, scope_, type_);
  return program;
}

void SourceCompiler::add_when(const std::optional<PlacedExpression>& when) {
  add_text(when ? "when" : "");
  if (!when) return;
  out_.source.when = check(*when, kBool);
  const std::set<std::string> there = guaranteed_fields(when->syntax.root());
  out_.guaranteed.insert(there.begin(), there.end());
}

void SourceCompiler::add_exceptions(const std::vector<ExceptionSpec>& exceptions) {
  ByteWriter(out_.fingerprint).varint(exceptions.size());
  for (const ExceptionSpec& exception : exceptions) {
    add_text(exception.name->text);
    const int64_t until = exception.until ? exception.until->time_since_epoch().count() : 0;
    ByteWriter(out_.fingerprint).u8(exception.until ? 1 : 0);
    ByteWriter(out_.fingerprint).signed_varint(until);
    const std::optional<PlacedExpression> when = expressions_.parse(*exception.when);
    if (!when) continue;
    std::optional<cel::Program> program = check(*when, kBool);
    if (!program) continue;
    out_.source.exceptions.push_back({exception.name->text, std::move(*program), exception.until});
  }
}

void SourceCompiler::add_groups(const YamlNode& by) {
  if (by.is_scalar()) {
    add_group_field(by);
  } else if (by.is_list()) {
    for (const YamlNode& field : by.items) add_group_field(field);
  } else if (by.is_map()) {
    add_group_values(by);
  }
  if (by.is_null() || (!by.is_scalar() && by.items.empty())) {
    error_at(by, code::kWrongKind, "`by` names no field",
             "leave it out where every event is a group of its own", expressions_.findings());
  }
}

void SourceCompiler::add_group_field(const YamlNode& field) {
  Findings& findings = expressions_.findings();
  const std::optional<std::string> path = expect_text(field, "a field of `by`", findings);
  if (!path) return;
  const std::optional<PlacedExpression> expression = parse_expression(field, findings);
  if (!expression) return;
  const std::optional<std::string> named = field_path(expression->syntax.root());
  if (!named || (expressions_.is_def(*named) && !scope_.knows(*named))) {
    error_at(field, code::kGroupValue, "`" + *path + "` is no field",
             "for CEL, `by` is a map from a name: by: { cell: \"geohash(lat, lon, 6)\" }",
             findings);
    return;
  }
  // An event without the field does not count: no need for has().
  for (std::string at = *named; !at.empty();) {
    out_.guaranteed.insert(at);
    const size_t dot = at.rfind('.');
    at = dot == std::string::npos ? "" : at.substr(0, dot);
  }
  add_group_value(*path, field, *expression);
}

void SourceCompiler::add_group_values(const YamlNode& by) {
  for (size_t k = 0; k < by.keys.size(); ++k) {
    if (!by.keys[k].is_scalar()) continue;
    const std::string& name = by.keys[k].text;
    if (!expect_text(by.items[k], "the value of `" + name + "`", expressions_.findings())) continue;
    const std::optional<PlacedExpression> expression = expressions_.parse(by.items[k]);
    if (expression) add_group_value(name, by.items[k], *expression);
  }
}

void SourceCompiler::add_group_value(const std::string& name, const YamlNode& place,
                                     const PlacedExpression& expression) {
  std::optional<cel::Program> program = check(expression, kAny);
  const auto first = std::find(out_.group_names.begin(), out_.group_names.end(), name);
  if (first != out_.group_names.end()) {
    expressions_.error(expression, 0, code::kGroupValue, "`by` names `" + name + "` twice");
  }
  out_.group_names.push_back(name);
  out_.names_person.push_back(program && RuleExpressions::reads_person(*program, scope_, type_));
  if (!program) return;
  if (!names_a_group(program->type())) {
    error_at(place, code::kGroupValue,
             "`" + name + "` is of type " + program->type().text() +
                 ": a group value is a string, an int or a bool",
             "a number is put in steps by int() or string()", expressions_.findings());
    return;
  }
  out_.source.by.push_back(std::move(*program));
}

void SourceCompiler::add_seen_by(const YamlNode& seen_by, const std::vector<std::string>& names) {
  Findings& findings = expressions_.findings();
  if (!expect_map(seen_by, "`seen_by`", findings)) return;
  out_.source.seen_by.resize(out_.group_names.size());
  for (size_t k = 0; k < seen_by.keys.size(); ++k) {
    const YamlNode& name = seen_by.keys[k];
    if (!name.is_scalar()) continue;
    const auto find = [&](const std::vector<std::string>& in) {
      return static_cast<size_t>(std::find(in.begin(), in.end(), name.text) - in.begin());
    };
    size_t at = find(out_.group_names);
    if (at == out_.group_names.size()) at = find(names);
    if (at >= out_.group_names.size()) {
      error_at(name, code::kSeenBy, "`by` names no `" + name.text + "`",
               nearest_hint(name.text, names, "`seen_by` widens a group value of `by`"), findings);
      continue;
    }
    if (!expect_text(seen_by.items[k], "the value of `" + name.text + "`", findings)) continue;
    const std::optional<PlacedExpression> expression = expressions_.parse(seen_by.items[k]);
    if (!expression) continue;
    ByteWriter(out_.fingerprint).varint(at);
    std::optional<cel::Program> program = check(*expression, kAny);
    if (!program) continue;
    if (lists_groups(program->type())) {
      out_.source.seen_by[at] = std::move(*program);
    } else {
      expressions_.error(
          *expression, expression->syntax.root().offset, code::kSeenBy,
          "this is of type " + program->type().text() + ", a list of group values is needed",
          "strings, ints or bools, as in neighbours(cell)");
    }
  }
}

void check_group_counts(const std::vector<CompiledSource>& sources,
                        const std::vector<const YamlNode*>& places,
                        const std::vector<std::string>& names, Findings& findings) {
  const size_t first = sources.front().group_names.size();
  for (size_t i = 1; i < sources.size(); ++i) {
    const size_t own = sources[i].group_names.size();
    if (own == first) continue;
    error_at(*places[i], code::kGroupCount,
             names[i] + " has " + std::to_string(own) + " group values, " + names[0] + " has " +
                 std::to_string(first),
             "every type and every step of a rule has as many", findings);
  }
}

}  // namespace fengsui::rules
