// Fault points: places where tests end the process as a kill -9 would, and faults that tests plant
// to prove that they would be seen. In the shipped binary both are constants that do nothing
// (fault_none.cc); the twin `fengsui_faulty` links fault_armed.cc, which reads
//   FENGSUI_FAULT_POINT="after_log_write:7"   SIGKILL oneself at the 7th pass of that point
//   FENGSUI_FAULT_PLANT="no_dedupe,no_sync"
#pragma once

namespace fengsui::fault {

enum class Point {
  BeforeLogWrite,
  AfterLogWrite,
  BeforeSend,
  AfterSend,
  BeforeMark,
  InCheckpoint,
  InArchive,  // a block of the archive is written
  InSwap,     // a pack is taken over, its marker not yet written
};

enum class Plant {
  NoDedupe,           // every event counts as new
  NoQuietOnRecovery,  // replaying the log's tail sends its alerts again
  NoSync,             // commits are not synced
};

// The process may end here.
void reached(Point point);
bool planted(Plant plant);

}  // namespace fengsui::fault
