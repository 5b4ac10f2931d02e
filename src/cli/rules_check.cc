#include "cli/rules_check.h"

#include <cstdio>
#include <string>
#include <vector>

#include "author/rule_cost.h"
#include "base/clock.h"
#include "cli/exit_status.h"
#include "rules/examples.h"
#include "rules/json_schema.h"
#include "rules/pack.h"
#include "rules/source_file.h"

namespace fengsui::cli {

int rules_check(const RulesCheckOptions& options) {
  if (options.estimate && options.format != IssueFormat::Text) {
    return report(Error::usage(
        "--estimate goes with the findings as text; as JSON it is `fengsui rules cost DIR`"));
  }
  const rules::LoadedPack loaded = rules::load_pack(options.pack, SystemClock().wall());
  std::string out;
  switch (options.format) {
    case IssueFormat::Text:
      out = rules::as_text(loaded.issues);
      break;
    case IssueFormat::Json:
      out = rules::as_json(loaded.issues);
      break;
    case IssueFormat::Sarif:
      out = rules::as_sarif(loaded.issues);
      break;
  }
  if (!out.empty() && out.back() != '\n') out.push_back('\n');
  if (options.estimate && loaded.rules) {
    out += "\n" + author::as_text(author::estimate(*loaded.rules));
  }
  std::fwrite(out.data(), 1, out.size(), stdout);
  return rules::has_errors(loaded.issues) ? kPackErrors : kDone;
}

int rules_explain_code(const std::string& code) {
  const std::string page = rules::explanation_text(code);
  if (page.empty()) {
    return report(Error::usage("no finding has the code '" + code + "'; codes look like FS101"));
  }
  std::printf("%s\n", page.c_str());
  return kDone;
}

int rules_schema(const std::string& name) {
  std::vector<std::string> known;
  for (const rules::JsonSchema& schema : rules::json_schemas()) {
    known.emplace_back(schema.name);
    if (schema.name != name) continue;
    std::fwrite(schema.text.data(), 1, schema.text.size(), stdout);
    return kDone;
  }
  if (name.empty()) {
    for (const std::string& one : known) std::printf("%s\n", one.c_str());
    return kDone;
  }
  return report(Error::usage("no schema is called '" + name + "'; " +
                             rules::nearest_hint(name, known, "without a name, all are listed")));
}

}  // namespace fengsui::cli
