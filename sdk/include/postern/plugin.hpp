// SPDX-License-Identifier: Apache-2.0
//
// plugin.hpp - the C++17 convenience over plugin.h, header-only: write a class, end with
// POSTERN_MODULE. cpp/module.hpp has an example. Nothing thrown leaves a plugin written with it.
#pragma once

// IWYU pragma: begin_exports
#include "cpp/async.hpp"
#include "cpp/config.hpp"
#include "cpp/host.hpp"
#include "cpp/module.hpp"
#include "cpp/services.hpp"
#include "cpp/values.hpp"
#include "cpp/verdict.hpp"
#include "cpp/x509.hpp"
#include "plugin.h"
// IWYU pragma: end_exports
