// `fengsui state ls|verify|backup|restore`: what a state folder holds, checked and copied.
#pragma once

#include <string>

namespace fengsui::cli {

// Its tables, a JSON object a line: name, entries, bytes of keys and values. Reads only, and may
// look at a state that a service has open.
int state_list(const std::string& directory);

// Compares all checksums, then recovers the state as the service would, with the pack that it has
// kept, and counts what is to be delivered. Prints one JSON object; damage ends it with kOutside.
// Reads only, too.
int state_verify(const std::string& directory);

// Copies the state of a stopped service, all of it: tables (files of RocksDB are shared where both
// folders are of one file system), archive, file queues, keys beside it. Then verifies the copy.
// `to` must not be there, or be empty.
int state_backup(const std::string& directory, const std::string& to);

// Makes `directory`, which must not be there or be empty, a copy of the backup, and verifies it.
int state_restore(const std::string& backup, const std::string& directory);

}  // namespace fengsui::cli
