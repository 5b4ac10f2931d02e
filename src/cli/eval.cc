#include "cli/eval.h"

#include <unistd.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "base/json_text.h"
#include "cel/expression.h"
#include "cel/utf8.h"
#include "cli/exit_status.h"
#include "cli/input_file.h"
#include "cli/json_value.h"
#include "cli/output_file.h"
#include "source/line_reader.h"

namespace fengsui::cli {
namespace {

using cel::Type;
using cel::Value;
using nlohmann::json;

constexpr size_t kBindingsBytesMax = size_t{64} << 20;

// Names of the expression and their values, by slot.
struct Bindings {
  cel::Environment environment;
  std::vector<Value> values;

  void add(const std::string& name, Value value) {
    cel::Variable variable;
    variable.type = type_of(value);
    variable.slot = static_cast<int>(values.size());
    environment.declare(name, std::move(variable));
    values.push_back(std::move(value));
  }

 private:
  // What the value says of itself; what a list or a map holds is left open.
  static Type type_of(const Value& v) {
    using K = Type::Kind;
    switch (v.kind()) {
      case cel::Kind::Null:
      case cel::Kind::Error:
        return Type();
      case cel::Kind::Bool:
        return Type::of(K::Bool);
      case cel::Kind::Int:
        return Type::of(K::Int);
      case cel::Kind::Uint:
        return Type::of(K::Uint);
      case cel::Kind::Double:
        return Type::of(K::Double);
      case cel::Kind::String:
        return Type::of(K::String);
      case cel::Kind::Bytes:
        return Type::of(K::Bytes);
      case cel::Kind::Timestamp:
        return Type::of(K::Timestamp);
      case cel::Kind::Duration:
        return Type::of(K::Duration);
      case cel::Kind::List:
        return Type::of(K::List);
      case cel::Kind::Map:
        return Type::of(K::Map);
      case cel::Kind::Type:
        return Type::of(K::TypeType);
    }
    return Type();
  }
};

std::string described(const cel::Finding& finding, const std::string& text) {
  const std::string_view before = std::string_view(text).substr(0, finding.offset);
  std::string out = "column " + std::to_string(cel::count_code_points(before) + 1) + ": ";
  out += finding.message;
  if (!finding.hint.empty()) out += "; " + finding.hint;
  return out;
}

// Types are checked first. Where they do not fit, CEL still gives a value if evaluating never meets
// the misfit (`true || 1 == 'a'`), as bindings' types are only those of the values at hand.
Expected<Value> evaluated(const std::string& text, const Bindings& bindings) {
  const auto syntax = cel::parse(text);
  if (!syntax) return fail(Error::bad_input(described(syntax.error(), text)));
  cel::Checked checked = cel::check(*syntax, bindings.environment);
  std::string misfit;
  if (!checked.program) {
    misfit = described(checked.findings.front(), text);
    checked = cel::check_dynamically(*syntax, bindings.environment);
    if (!checked.program) return fail(Error::bad_input(misfit));
  }
  Value value = checked.program->evaluate({}, bindings.values);
  if (!value.is_error()) return value;
  return fail(Error::bad_input(misfit.empty() ? value.error_text() : misfit));
}

Expected<Bindings> bindings_of(const json& object, Expected<Value> (*value_of)(const json&)) {
  if (!object.is_object()) return fail(Error::bad_input("the bindings are no JSON object"));
  Bindings out;
  for (const auto& [name, content] : object.items()) {
    Expected<Value> value = value_of(content);
    if (!value) return fail(Error::bad_input("binding `" + name + "`: " + value.error().message));
    out.add(name, std::move(*value));
  }
  return out;
}

// Exceptions of the library end here.
Expected<json> parsed(std::string_view text) {
  json out = json::parse(text, nullptr, false);
  if (out.is_discarded()) return fail(Error::bad_input("no JSON"));
  return out;
}

Expected<Value> evaluated_line(std::string_view line) {
  if (line.size() >= source::kLineBytesMax) return fail(Error::bad_input("the line is too long"));
  const Expected<json> request = parsed(line);
  if (!request) return fail(request.error());
  const auto wrong = [] {
    return fail(Error::bad_input("a line is {\"expr\": text, \"bindings\": {name: V, …}}"));
  };
  if (!request->is_object() || !request->contains("expr")) return wrong();
  for (const auto& [key, content] : request->items()) {
    if (key != "expr" && key != "bindings") return wrong();
  }
  const json& text = (*request)["expr"];
  if (!text.is_string()) return wrong();
  // By reference: the library copies JSON recursively, and this may be as deep as the line is long.
  static const json kNone = json::object();
  const json& given = request->contains("bindings") ? request->at("bindings") : kNone;
  const Expected<Bindings> bindings = bindings_of(given, value_of_typed);
  if (!bindings) return fail(bindings.error());
  return evaluated(text.get<std::string>(), *bindings);
}

std::string answer_to(std::string_view line) {
  const Expected<Value> value = evaluated_line(line);
  std::string out;
  if (value) {
    out = "{\"value\":";
    append_typed(out, *value);
    return out + '}';
  }
  out = "{\"error\":{\"message\":";
  append_json_string(out, value.error().message);
  return out + "}}";
}

Expected<Bindings> read_bindings(const std::string& path) {
  if (path.empty()) return Bindings();
  const Expected<InputFile> input = InputFile::open(path);
  if (!input) return fail(input.error());
  const Expected<std::string> text = input->whole(kBindingsBytesMax);
  if (!text) return fail(text.error());
  const Expected<json> object = parsed(*text);
  if (!object) return fail(Error::bad_input(path + ": no JSON"));
  return bindings_of(*object, value_of_plain);
}

}  // namespace

int eval(const std::string& expression, const std::string& bindings) {
  const Expected<Bindings> bound = read_bindings(bindings);
  if (!bound) return report(bound.error());
  const Expected<Value> value = evaluated(expression, *bound);
  if (!value) return report(value.error());
  OutputFile out(STDOUT_FILENO);
  std::string text;
  cel::append_json(text, *value);
  const Expected<void> written = out.write_line(text).and_then([&] { return out.flush(); });
  return written ? kDone : report(written.error());
}

int eval_batch(const std::string& file) { return answer_lines(file, answer_to); }

}  // namespace fengsui::cli
