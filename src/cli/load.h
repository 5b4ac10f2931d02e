// What several commands load first: a pack that must be good, a key file that may be there.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "event/identity.h"
#include "rules/pack.h"

namespace fengsui::cli {

// Prints the findings on standard error; an error among them fails the load.
Expected<rules::LoadedPack> load_whole_pack(const std::string& pack);
Expected<std::shared_ptr<const rules::RuleSet>> load_rules(const std::string& pack);

// `path` empty: no keys.
Expected<std::optional<event::KeyRing>> load_keys(const std::string& path);

// The default pack: `rules` in the working directory, beside the installed program, or in the
// source tree of a program that has just been built.
Expected<std::string> default_pack();

}  // namespace fengsui::cli
