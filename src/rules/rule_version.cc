#include "rules/rule_version.h"

#include "base/byte_codec.h"
#include "base/hash.h"

namespace fengsui::rules {

RuleVersion::RuleVersion(const RuleSpec& spec) {
  ByteWriter out(bytes_);
  out.text("rule/2");
  const WindowSpec& window = spec.window;
  out.u8(static_cast<uint8_t>(window.kind));
  // As written: a longer `retain` alone is no other window.
  out.signed_varint(spec.lasts_as_retained ? -1 : window.length.count());
  out.signed_varint(window.every.count());
  out.signed_varint(window.most ? window.most->count() : -1);
  out.varint(window.count);
  out.u8(static_cast<uint8_t>(spec.emit));
  out.u8(static_cast<uint8_t>(spec.order));
  out.u8(spec.baseline ? 1 : 0);
  if (spec.baseline) {
    out.text(spec.baseline->of != nullptr ? spec.baseline->of->text : "");
    out.signed_varint(spec.baseline->every.count());
    out.signed_varint(spec.baseline->keep);
  }
  out.u8(spec.sequence ? 1 : 0);
  if (!spec.sequence) return;
  out.signed_varint(spec.sequence->within.count());
  for (const StepSpec& step : spec.sequence->steps) {
    out.text(step.as != nullptr ? step.as->text : "");
    out.u8(step.absent ? 1 : 0);
    out.varint(step.times);
  }
}

void RuleVersion::add(const std::string& type, const CompiledSource& source) {
  ByteWriter out(bytes_);
  out.text(type);
  out.text(source.fingerprint);
  out.varint(source.group_names.size());
  for (const std::string& name : source.group_names) out.text(name);
  reads_person_ |= source.reads_person;
}

void RuleVersion::add_aggregates(const std::map<std::string, std::string>& by_name,
                                 bool read_person) {
  ByteWriter out(bytes_);
  out.varint(by_name.size());
  for (const auto& [name, aggregate] : by_name) {
    out.text(name);
    out.text(aggregate);
  }
  reads_person_ |= read_person;
}

void RuleVersion::add_condition(const std::string& fingerprint, bool reads_person) {
  ByteWriter(bytes_).text(fingerprint);
  reads_person_ |= reads_person;
}

std::string RuleVersion::text(const std::string& purpose) const {
  std::string bytes = bytes_;
  ByteWriter(bytes).text(reads_person_ ? purpose : "");
  return sha256_hex(bytes);
}

}  // namespace fengsui::rules
