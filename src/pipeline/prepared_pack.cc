#include "pipeline/prepared_pack.h"

#include "pipeline/warm_up.h"

namespace fengsui::pipeline {

FrontPack FrontPack::make(std::shared_ptr<const rules::RuleSet> rules, const event::KeyRing* keys,
                          const FrontOptions& options) {
  event::DecodeOptions decode;
  decode.record_bytes_max = options.record_bytes_max;
  decode.tripwire = rules->has_identity || rules->has_policy;
  decode.keep_all = options.archive;
  FrontPack pack;
  pack.decoder = std::make_unique<event::Decoder>(rules->types, keys, decode);
  pack.matcher = std::make_unique<match::LearningMatcher>(rules);
  for (const auto& rule : rules->rules) {
    if (rule->mode == rules::Mode::Disabled || rule->over_alerts) continue;
    for (const rules::RuleSource& source : rule->sources) pack.read_types.insert(source.type.get());
  }
  pack.rules = std::move(rules);
  return pack;
}

PreparedPack::PreparedPack() = default;
PreparedPack::PreparedPack(PreparedPack&&) noexcept = default;
PreparedPack& PreparedPack::operator=(PreparedPack&&) noexcept = default;
PreparedPack::~PreparedPack() = default;

}  // namespace fengsui::pipeline
