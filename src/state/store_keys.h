// Keys of the store's tables (DESIGN.md), for the files that make up Store.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"

namespace fengsui::state {

// Of the table Meta.
inline constexpr const char* kFormatKey = "format";
inline constexpr const char* kCreatedKey = "created";
inline constexpr const char* kIdKey = "id";
inline constexpr const char* kPackKey = "pack";            // the hash of the first one
inline constexpr std::string_view kPacksPrefix = "pack/";  // their files, by hash
inline constexpr const char* kMarkerKey = "checkpoint/marker";
inline constexpr const char* kRestKey = "checkpoint/rest";
inline constexpr const char* kBegunKey = "checkpoint/begun";
inline constexpr std::string_view kMarkPrefix = "mark/";

std::string journal_key(LogPosition position);
std::string outbox_key(std::string_view queue, uint64_t last_sequence);
std::string pack_key(std::string_view hash);
std::string seen_key(PartitionId partition, LogPosition checkpoint, uint32_t chunk);

Error damaged(const std::string& what);

}  // namespace fengsui::state
