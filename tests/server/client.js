// Stands in for the client script in the tests of the engine room.
