// The program that the crash tests end with SIGKILL: an engine over FOLDER/in.ndjson until all is
// read, then a stop with a flush. Linked with armed fault points (base/fault.h).
//   engine_crash_child FOLDER      exit status 0: done; 1: an error, on standard error
// Appends a line to FOLDER/starts: the log positions of checkpoint and last commit found, and the
// frames replayed.
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "pipeline/engine_bench.h"

int main(int argc, char** argv) {
  using namespace fengsui;
  if (argc != 2) return 2;
  // Names of files stand in what is compared: the same in every folder.
  if (chdir(argv[1]) != 0) return 2;
  const std::string folder = ".";
  const SystemClock clock;
  Expected<std::unique_ptr<pipeline::Engine>> engine = test::open_engine(
      folder, clock, {.opened_before = test::lines_of_file(folder + "/starts").size()});
  if (!engine) {
    std::fprintf(stderr, "%s\n", engine.error().message.c_str());
    return 1;
  }
  const pipeline::EngineStatus found = (*engine)->status();
  std::ofstream(folder + "/starts", std::ios::app)
      << value_of(found.checkpoint) << ' ' << value_of(found.recovered) << ' ' << found.replayed
      << '\n';
  Expected<void> done = (*engine)->start();
  if (done) {
    while ((*engine)->wait(std::chrono::seconds{1}) == pipeline::Engine::Running::Yes) {
    }
    done = (*engine)->stop(
        {.end = pipeline::Engine::End::Flush, .deliver_most = std::chrono::minutes{1}});
  }
  if (done) return 0;
  std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return 1;
}
