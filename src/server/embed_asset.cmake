# cmake -DIN=<file> -DOUT=<file.cc> -DHEADER=<header> -DNAME=<constant> -DVERSION=<text> -P this
# Writes a source file that defines `fengsui::server::<NAME>`, the bytes of IN as a string_view,
# with @VERSION@ put in.
cmake_minimum_required(VERSION 3.25)
file(READ "${IN}" text)
string(REPLACE "@VERSION@" "${VERSION}" text "${text}")
string(HEX "${text}" digits)
string(REGEX REPLACE "(..)" "'\\\\x\\1'," bytes "${digits}")
file(WRITE "${OUT}" "#include \"${HEADER}\"

namespace fengsui::server {
namespace {

constexpr char kBytes[] = {
    ${bytes}
};

}  // namespace

const std::string_view ${NAME}{kBytes, sizeof kBytes};

}  // namespace fengsui::server
")
