// assets/home.html, embedded by embed_asset.cmake.
#pragma once

#include <string_view>

namespace fengsui::server {

extern const std::string_view kHomePage;

}  // namespace fengsui::server
