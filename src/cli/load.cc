#include "cli/load.h"

#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace fengsui::cli {

Expected<rules::LoadedPack> load_whole_pack(const std::string& pack) {
  rules::LoadedPack loaded = rules::load_pack(pack);
  if (!loaded.issues.empty()) {
    std::fprintf(stderr, "%s\n", rules::as_text(loaded.issues).c_str());
  }
  if (!loaded.rules) return fail(Error::bad_input("the pack " + pack + " has errors"));
  return loaded;
}

Expected<std::shared_ptr<const rules::RuleSet>> load_rules(const std::string& pack) {
  Expected<rules::LoadedPack> loaded = load_whole_pack(pack);
  if (!loaded) return fail(std::move(loaded.error()));
  return std::move(loaded->rules);
}

Expected<std::optional<event::KeyRing>> load_keys(const std::string& path) {
  if (path.empty()) return std::optional<event::KeyRing>();
  Expected<event::KeyRing> loaded = event::KeyRing::load(path);
  if (!loaded) return fail(std::move(loaded.error()));
  return std::optional<event::KeyRing>(std::move(*loaded));
}

Expected<std::string> default_pack() {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const fs::path& candidate :
       {fs::path("rules"), program / "../share/fengsui/rules", program / "../../rules"}) {
    if (fs::exists(candidate / "pack.yaml", ignored)) return candidate.lexically_normal().string();
  }
  return fail(Error::usage("no default pack beside the program; name one with `pack`"));
}

}  // namespace fengsui::cli
