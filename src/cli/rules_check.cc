#include "cli/rules_check.h"

#include <cstdio>
#include <string>

#include "base/clock.h"
#include "cli/exit_status.h"
#include "rules/examples.h"
#include "rules/pack.h"

namespace fengsui::cli {

int rules_check(const std::string& pack, IssueFormat format) {
  const rules::LoadedPack loaded = rules::load_pack(pack, SystemClock().wall());
  std::string out;
  switch (format) {
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

}  // namespace fengsui::cli
