// The files of assets/, embedded by embed_asset.cmake; their @VERSION@ is the program's.
#pragma once

#include <string_view>

namespace fengsui::server {

extern const std::string_view kHomePage;
extern const std::string_view kOpenApi;  // the API, OpenAPI 3.1

}  // namespace fengsui::server
