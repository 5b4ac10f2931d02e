#include "cli/summary.h"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace fengsui::cli {

Summary summary_of(const pipeline::RecordCounters& records, const pipeline::ShardCounters& shard) {
  return {records, shard.opens, shard.raises, shard.clears, shard.evaluations, shard.hits};
}

std::string summary_json(const Summary& summary) {
  const pipeline::RecordCounters& records = summary.records;
  return nlohmann::ordered_json{{"read", records.read},
                                {"processed", records.processed},
                                {"duplicate", records.duplicate},
                                {"late", records.late},
                                {"dead_letter", records.dead_letter},
                                {"late_admitted", records.late_admitted},
                                {"evaluations", summary.evaluations},
                                {"hits", summary.hits},
                                {"open", summary.opens},
                                {"raise", summary.raises},
                                {"clear", summary.clears}}
      .dump();
}

void print_summary(const Summary& summary) {
  std::fprintf(stderr, "%s\n", summary_json(summary).c_str());
}

}  // namespace fengsui::cli
