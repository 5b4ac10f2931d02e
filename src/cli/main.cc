#include "cli/app.h"

int main(int argc, char** argv) { return fengsui::cli::run_app(argc, argv); }
